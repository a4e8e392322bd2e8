"""Markdown without its marks."""

import re

_MARKS = (
    (re.compile(r"^ {0,3}(?:#{1,6}|>)[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE), r"\1"),
    (re.compile(r"^ {0,3}(?:```.*|(?:[-*_][ \t]*){3,})$\n?", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
)


def plaintext(markdown: str) -> str:
    """The text alone: no headings, emphasis, bullets, links or fences."""
    for mark, text in _MARKS:
        markdown = mark.sub(text, markdown)
    return markdown
