"""A sentence × its article → whom it speaks of: what a quote must say before it, and who speaks."""

import re

from rag.chunking import Span, sentence_at, sentences

_QUOTE_WORDS = 60

_LEANS = re.compile(
    r"[\"'“‘(]*(he|she|they|it|his|her|their|its|him|them|this|that|these|those|"
    r"the (latter|former|two|three|pair|move|decision|same)|both|neither|but|and|so|then|"
    r"however|instead|meanwhile|also|another|others)\b",
    re.I,
)
_SPEECH = "said|says|added|told|asked|claimed|warned|insisted|explained|replied|wrote|continued"
SPEAKS = rf"(?:{_SPEECH})"
_HE_SPEAKS = re.compile(rf"[”\"’],? (?:(?:he|she|they) {SPEAKS}|{SPEAKS} (?:he|she|they))\b", re.I)
PERSON = r"[A-Z][\w’'-]+(?: (?:de |van |von |bin |al-)?[A-Z][\w’'-]+){0,3}"
_NAMED_SPEAKS = re.compile(
    rf"(?P<before>{PERSON})(?:,[^“”\",]{{1,80}},)? (?:also )?{SPEAKS}\b|"
    rf"{SPEAKS} (?P<after>{PERSON})"
)
_A_NAME = re.compile(r"\b[A-Z][\w’'-]+\.? [A-Z][\w’'-]+|(?<=[a-z,] )[A-Z][\w’'-]+")
_NO_NAME = frozenset("he she they it we i this that these those but and the his her".split())


def leans_from(text: str, sentence: Span) -> int:
    """Where a quote must start so that it says whom its sentence speaks of.

    A sentence that opens with a pronoun takes the one before it along, and speech whose sentence
    does not name its speaker those back to the one that does, as far as 60 words allow.
    """
    start, end = sentence
    first = text[start:end]
    he_speaks = bool(_HE_SPEAKS.search(first))
    near = None  # where it must start in any case; further back only if that names who speaks
    for a, b in reversed(_before(text, start)):
        if not (_leans(first) or _in_speech(text, start)):
            near = start if near is None else near
            if not he_speaks or _A_NAME.search(text[start : sentence[0]]):
                break
        first = text[a:b]
        if len(text[a:end].split()) > _QUOTE_WORDS or not is_finished(first):
            break  # a heading says nothing of whom
        start = a
    named = _A_NAME.search(text[start : sentence[0]])
    return start if named or near is None else near


def _before(text: str, start: int) -> list[Span]:
    """The sentences in the 3,000 letters before `start`, without one that they cut."""
    offset = max(0, start - 3000)
    spans = [(offset + a, offset + b) for a, b in sentences(text[offset:start])]
    return spans[1:] if offset else spans


def _leans(sentence: str) -> bool:
    return bool(_LEANS.match(sentence) or _HE_SPEAKS.search(sentence) or _unattributed(sentence))


def _unattributed(sentence: str) -> bool:
    """Speech and nothing but speech."""
    return sentence[0] in '“"‘' and not re.search(r"[”\"’],?\s+\w", sentence)


def speaker_of(text: str, start: int, end: int) -> str | None:
    """Who speaks in a quote that is speech and names nobody, or None where it is not certain.

    That is the last one named with a "said" before it, with nothing but speech in between.
    """
    quote = text[start:end]
    if not is_bare_speech(text, (start, end)) or _speaker_in(quote):
        return None
    before = _before(text, start)
    parts = [text[a:b] for a, b in before]
    for i, (at, _) in reversed(list(enumerate(before))):
        if name := _speaker_in(parts[i]) or _subject(parts[i], parts[i - 1] if i else ""):
            return name
        if not re.search(r"[“”\"]", parts[i]) and not _in_speech(text, at):
            return None
    return None


# What whoever has one is called.
TITLES = {"he": ("Mr", "Sir", "Lord"), "she": ("Mrs", "Ms", "Miss", "Lady", "Dame")}
_TITLE = "|".join(title for titles in TITLES.values() for title in titles)


def _subject(part: str, before: str) -> str | None:
    """Of "Mr Reed resigned. He said: …" Mr Reed; None unless the title fits the pronoun."""
    pronoun = re.match(rf"(He|She) (?:also )?{SPEAKS}\b", part)
    named = re.match(rf"((?:{_TITLE})\.?) {PERSON}", before)
    if not pronoun or not named:
        return None
    his = named[1].rstrip(".") in TITLES["he"]
    return named[0] if his == (pronoun[1] == "He") else None


def _in_speech(text: str, at: int) -> bool:
    """Whether a quotation that was opened in the same paragraph is still open there."""
    before = text[text.rfind("\n\n", 0, at) + 1 : at]
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def is_bare_speech(text: str, sentence: Span) -> bool:
    """Whether it is speech and nothing but speech, of whoever was named before."""
    return _unattributed(text[slice(*sentence)]) or _in_speech(text, sentence[0])


def _speaker_in(part: str) -> str | None:
    span = speaker_span(part, 0, len(part))
    return part[slice(*span)] if span else None


_ASKS_WHO_SAID = re.compile(
    r"\W*(?:by )?who(?:m|se)?\b[^“\"‘”]*[“\"‘](?P<words>[^“”\"]+?)[”\"’]?[?. ]*$", re.I
)
_FEWEST_SAID = 3  # words: fewer may be a title
_ASKS_WHO_CLAIMS = re.compile(
    rf"\W*who (?:else |also )?(?:{_SPEECH}|thinks?|thought|believe[sd]?|argue[sd]?|claims?|"
    r"warns?|insists?|complained|admitted|suggested|tells?) (?:that )?(?P<what>[^“\"‘]+?)[?. ]*$",
    re.I,
)


def asks_who_said(question: str) -> str | None:
    """The words in quotation marks whose speaker is asked for, or None.

    >>> asks_who_said("Who said “It was a dark day”?")
    'It was a dark day'
    """
    asked = _ASKS_WHO_SAID.match(question)
    return asked["words"] if asked and len(asked["words"].split()) >= _FEWEST_SAID else None


def asks_who_claims(question: str) -> str | None:
    """What somebody says who is asked for, in the question's own words, or None.

    >>> asks_who_claims("Who said that the day was dark?")
    'the day was dark'
    """
    asked = _ASKS_WHO_CLAIMS.match(question)
    return asked["what"] if asked and len(asked["what"].split()) >= _FEWEST_SAID else None


def said_in(words: str, text: str) -> Span | None:
    """Who says these words in the text, where their sentence names them; else the words there."""
    letters = r"\W+".join(map(re.escape, re.findall(r"\w+", words)))
    found = re.search(rf"\b{letters}\b", text, re.I)
    if not found:
        return None
    sentence = sentence_at(text, found.span())
    return speaker_span(text, *sentence) or _teller_span(text, *sentence) or found.span()


def _teller_span(text: str, start: int, end: int) -> Span | None:
    """Of "as Madison describes it" Madison: who does not "say", but tells all the same."""
    for m in _DESCRIBES.finditer(text, start, end):
        if named := re.search(
            rf"(?P<name>{PERSON})(?:,[^“”\",]{{1,80}},)? $", text[start : m.start()]
        ):
            return start + named.start("name"), start + named.end("name")
    return None


_DESCRIBES = re.compile(
    r"\b(?:describe[sd]|call(?:s|ed)|brand(?:s|ed)|dismiss(?:es|ed)|term(?:s|ed))\b"
)


def is_somebodys(text: str, sentence: Span) -> bool:
    """Whether the sentence is speech of somebody who is named before it."""
    he_speaks = _HE_SPEAKS.search(text[slice(*sentence)])
    return bool(he_speaks or speaker_of(text, *sentence))


def speaker_span(text: str, start: int, end: int) -> Span | None:
    """Where the last one is named who speaks between these places."""
    named = [
        m.span("before" if m["before"] else "after")
        for m in _NAMED_SPEAKS.finditer(text, start, end)
        if (m["before"] or m["after"]).split()[0].lower() not in _NO_NAME
    ]
    return named[-1] if named else None


def says_who(text: str, start: int, sentence: Span) -> bool:
    """False for speech of which neither the quote from `start` nor what is before it tells who.

    The quote ends with its `sentence`.
    """
    unnamed = is_bare_speech(text, sentence)
    named = speaker_of(text, start, sentence[1]) or _speaker_in(text[start : sentence[1]])
    return bool(named or not unnamed)


def is_finished(sentence: str) -> bool:
    """False for a heading, which ends in no stop."""
    return bool(re.search(r"[.!?…:][\"'”’)\]]*$", sentence))
