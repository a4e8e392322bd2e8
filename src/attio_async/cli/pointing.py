"""Where in a text something is: the line of it, and marks below."""

import re

__all__ = ["pointed"]

_AROUND = 60
_LINE_END = re.compile(r"\r\n|\r|\n")


def pointed(text: str, start: tuple[int, int], end: tuple[int | None, int | None] = (None, None)) -> str:
    """The line in which something starts, and below it marks where.

    Of a long line only what is near is shown.

    Args:
        text: All of the text.
        start: Its line, from 1, and how many bytes of UTF-8 come before it in that line.
        end: The same for where it ends; what ends on a later line is marked to the end of its first.
    """
    number, offset = start
    lines = _LINE_END.split(text)
    line = lines[min(number, len(lines)) - 1].encode(errors="replace")
    first = len(line[:offset].decode(errors="replace"))
    last = len((line[: end[1]] if end[0] == number else line).decode(errors="replace"))
    shown = line.decode()
    if end[0] is None:
        last = first + 1
    before, after = max(first - _AROUND, 0), max(first + 1, min(last, first + _AROUND))
    left, right = "..." if before else "", "..." if len(shown) > after + _AROUND else ""
    excerpt = f"{left}{shown[before : after + _AROUND]}{right}"
    # Tabs stay tabs, so that the marks stand below what they mark.
    margin = "".join("\t" if char == "\t" else " " for char in excerpt[: len(left) + first - before])
    return f"  {excerpt}\n  {margin}{'^' * (after - first)}"
