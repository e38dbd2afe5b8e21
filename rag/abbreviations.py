"""What an abbreviation stands for, where an article says it: "the Harwick Port Authority (HPA)"."""

import re
from collections.abc import Sequence

from rag.chunking import Span

_SHORT = r"(?P<short>[A-Za-z0-9][\w.&-]*)"
_ASKED = (
    rf"what (?:do|does|did) (?:the )?(?:letters |initials |abbreviation |acronym )?{_SHORT} "
    r"(?:stand for|mean)",
    rf"what (?:is|are|was) (?:the )?{_SHORT} (?:short|an abbreviation|an acronym) (?:for|of)",
    rf"what (?:is|was) the (?:full|long) (?:name|form) (?:of|for) (?:the )?{_SHORT}",
)
_QUESTIONS = tuple(re.compile(rf"{asked}\W*", re.IGNORECASE) for asked in _ASKED)
_MOST_WORDS = 8


_IS = re.compile(rf"what(?: is| are|['’]?s)(?: the)? {_SHORT}\W*", re.IGNORECASE)


def told_by_name(question: str) -> str | None:
    """The abbreviation of which is asked what it is: what it stands for may tell.

    >>> told_by_name("What's the HPA?")
    'HPA'
    """
    found = _IS.fullmatch(question.strip())
    short = found["short"].rstrip(".") if found else ""
    return short if len(short) > 1 and short.isupper() else None


def asked_for(question: str) -> str | None:
    """The abbreviation whose full form is asked for: one word with at least two capitals.

    >>> asked_for("What does HPA stand for?")
    'HPA'
    """
    matches = (asked.fullmatch(question.strip()) for asked in _QUESTIONS)
    short = next((m["short"].rstrip(".") for m in matches if m), "")
    return short if sum(c.isupper() for c in short) > 1 else None


def full_form(short: str, text: str) -> Span | None:
    """Where the text says what it stands for, before it or behind it in brackets.

    The algorithm of Schwartz and Hearst 2003 ("A simple algorithm for identifying abbreviation
    definitions"): each letter in its turn stands in the full form, the first at a word's beginning.
    """
    name = re.escape(short)
    for found in re.finditer(rf"\(\W*{name}s?\W*\)", text):
        words = list(re.finditer(r"[^\s()]+", text[: found.start()]))
        first = words[-_MOST_WORDS].start() if len(words) >= _MOST_WORDS else 0
        if span := _ends_with(short, text, first, found.start()):
            return span
    for found in re.finditer(rf"\b{name} \((?P<form>[^()]+)\)", text):
        span = _ends_with(short, text, *found.span("form"))
        if span and span[0] == found.start("form"):
            return span
    return None


def spells(short: str, words: str) -> bool:
    """Whether the letters stand in the words in their turn, the first at a word's beginning."""
    letters = [re.escape(c) for c in short if c.isalnum()]
    return bool(re.search(rf"\b{'.*?'.join(letters)}", words, re.IGNORECASE | re.DOTALL))


_LITTLE = frozenset("a an and at by for in of on the to with".split())


def _of_initials(letters: Sequence[str], text: str, first: int, end: int) -> Span | None:
    """The words that end there and begin with the letters, little ones left out.

    Without this "Animal and Plant Health Agency" would lose its first word: "and" has the A too.
    """
    left = list(letters)
    for word in reversed(list(re.finditer(r"[^\W_]+", text[first:end]))):
        if (
            left
            and word[0][0].casefold() == left[-1]
            and not (word[0] in _LITTLE and len(left) == 1)
        ):
            left.pop()
        elif word[0] not in _LITTLE:
            return None
        if not left:
            return (first + word.start(), end) if word[0][0].isupper() else None
    return None


def _ends_with(short: str, text: str, first: int, end: int) -> Span | None:
    """The shortest stretch that ends there and has the letters."""
    letters = [c for c in short.casefold() if c.isalnum()]
    end = first + len(text[first:end].rstrip(" “\"'‘’”"))
    if span := _of_initials(letters, text, first, end):
        return span
    at = end
    for i, letter in reversed(list(enumerate(letters))):
        at -= 1
        while at >= first and not (
            text[at].casefold() == letter and (i > 0 or at == first or not text[at - 1].isalnum())
        ):
            at -= 1
        if at < first:
            return None
    return (at, end) if " " in text[at:end] or "-" in text[at:end] else None
