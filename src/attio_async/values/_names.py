"""Tell the first and the last name of a person in a text. Pure, and by convention: names follow no rule."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GENERATIONS = _words("jr sr ii iii iv v vi vii viii")
_TITLES = _words(
    "esq esquire phd md dds dmd dvm jd llm llb mba mph msc mse ma bsc ba bs rn np pa cpa cfa pe pmp do od pharmd edd psyd"
    " obe cbe mbe kc qc mp frs usn usa usmc ret 2nd 3rd 4th"
)
"""What may follow a name after a comma, in lower case and without points."""

_CERTAIN = _words("jr sr ii iii iv phd md esq esquire dds dmd dvm llm mba mph msc cpa cfa pharmd psyd ret")
"""Generations and titles that are nobody's name, however they are written."""

_PARTICLES = _words(
    "af al auf av bin bint da dal dalla de degli dei del dela della den der des di du el ibn la las le lo los mac op 't"
    " saint san santa st ten ter tot und van vander vande vanden vom von zu zum zur"
)
"""Words that begin a last name when others follow, in lower case and without points."""

_JOINING = _words("e y i")
_LOWER_CASE_PARTICLES = _JOINING | _words("das do dos")
"""Particles that are other words, or initials, when they begin with a capital."""

_LEAST_WORDS_WITH_NUMERAL = 3
"""The least words of a name whose last word is a generation, and not a name, when no comma is before it."""


def name_parts(text: str) -> tuple[str, str, str]:
    """Return the first, the last and the full name in a text; first and last are empty if there are none."""
    parts = [part for part in (" ".join(part.split()) for part in text.split(",")) if part]
    count = next((index for index in range(1, len(parts)) if _are_suffixes(parts, index)), len(parts))
    parts, suffixes = parts[:count], parts[count:]
    if len(parts) > 1:
        last, own_generation = _without_generation(parts[0].split())
        first, generation = _without_generation(", ".join(parts[1:]).split())
        full = [*first, *last, *generation, *own_generation, *suffixes]
        return " ".join(first), " ".join(last), " ".join(full)
    if not parts:
        return "", "", ""
    words, _ = _without_generation(parts[0].split())
    if len(words) == 1 and text.strip().endswith(","):
        return "", words[0], words[0]
    start = _start_of_last_name(words)
    return " ".join(words[:start]), " ".join(words[start:]), " ".join(text.split())


def _are_suffixes(parts: list[str], start: int) -> bool:
    """Return True if all parts of a name from an index on are suffixes. "Nguyen, Vi" and "Ma, Jack" have none."""
    is_full = start > 1 or " " in parts[0]
    return all(_is_suffix(word, is_full=is_full) for part in parts[start:] for word in part.split())


def _is_suffix(word: str, *, is_full: bool) -> bool:
    plain = word.replace(".", "").casefold()
    if plain not in _GENERATIONS and plain not in _TITLES:
        return False
    return plain in _CERTAIN or (is_full and (word.isupper() or "." in word))


def _without_generation(words: list[str]) -> tuple[list[str], list[str]]:
    """Return a name without the generation at its end, such as "Jr." or "IV", and that."""
    plain = words[-1].rstrip(".").casefold() if words else ""
    is_numeral = plain in _GENERATIONS and words[-1].isupper() and len(words) >= _LEAST_WORDS_WITH_NUMERAL
    return (words[:-1], words[-1:]) if plain in {"jr", "sr"} or is_numeral else (words, [])


def _start_of_last_name(words: list[str]) -> int:
    """Return the index of the word with which the last name begins."""
    last = len(words) - 1
    if last < 1:
        return 1
    by_case = not words[-1].islower()
    start = next((index for index in range(1, last) if _is_particle(words[index], by_case=by_case)), last)
    return start - 1 if words[start] in _JOINING and start > 1 else start


def _is_particle(word: str, *, by_case: bool) -> bool:
    if word.rstrip(".").casefold() in _PARTICLES or word in _LOWER_CASE_PARTICLES:
        return True
    return by_case and word.islower() and len(word) > 1
