"""The words that a reader marked → the words that one would answer with, by what is asked.

Each rule gives the span back as it is where it has nothing to mend. Spans are characters of the
text, half-open; `sentence` holds the span.
"""

import re

from rag.chunking import Span

_SAYS = (
    r"\b(?:say|says|said|tell|tells|told|claims?|claimed|adds?|added|warns?|warned|argues?|argued|"
    r"insists?|insisted|states?|stated|announces?|announced|explains?|explained|believes?|believed|"
    r"thinks?|thought|finds?|found|concludes?|concluded|suggests?|suggested|reports?|reported)\b"
)
_ASKS_WHAT_IS_SAID = re.compile(
    rf"\W*what (?:else )?(?:did|does|do|has|have)\b.*{_SAYS}\W*(?:(?:about|of|on)\b.*)?$", re.I
)
_SAID = re.compile(rf"{_SAYS}(?: [\w’]+){{0,2}} that (?P<rest>.+?)\.?$", re.S)
_BECAUSE = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|in order to|so that) [^.;”]+?"
    r"(?=[.;”]|,? (?:but|while|although) |$)"
)
_AGED = re.compile(r"(?P<name>.*?[A-Z][\w’'-]+), (?:aged )?\d\d\b", re.S)
_DATELINE = re.compile(r"[A-Z][A-Z ,.\w]{2,40} \([A-Z]{2,8}\) [—–-]+ ")  # PORT ALDOUS, Maine (AP) —
_ASKS_MEASURE = re.compile(
    r"\bhow (?:high|tall|long|deep|wide|far|heavy|big|large|fast|old)\b", re.I
)
_UNIT = (
    r"(?:met(?:re|er)s?|feet|foot|ft|inches|miles?|kilomet(?:re|er)s?|km|cm|mm|tonnes?|tons?|kg|"
    r"pounds?|years?|months?|weeks?|days?|hours?|minutes?|seconds?|degrees?|mph|m|bn|million|"
    r"billion|%|per ?cent|acres?|hectares?|lit(?:re|er)s?)"
)
_MEASURE = re.compile(
    r"(?:(?:about|some|around|nearly|almost|over|more than|at least|up to) )?"
    rf"[£$€]?\d+(?:[.,]\d+)*(?:[ -]{_UNIT}\b)*(?![ -]{_UNIT}\b)(?![\w.,-]*\d)"
    r"(?!\W*(?:and|to|or|–|-|\())"
)


def as_asked(question: str, span: Span, sentence: Span, text: str) -> Span:
    """Of why the whole reason, of what was said all, of who no age, of how high one height."""
    if re.match(r"\W*(?:and )?why\b", question, re.I):
        return _reason(span, sentence, text)
    if _ASKS_WHAT_IS_SAID.match(question):
        said = _SAID.search(text, *sentence)
        return said.span("rest") if said and said.start("rest") <= span[0] else span
    if re.match(r"\W*(?:who|whom|whose)\b", question, re.I):
        return _name_alone(span, text)
    if _ASKS_MEASURE.search(question) and (measure := _MEASURE.match(text, *span)):
        return measure.span() if re.search(r"\d", text[measure.end() : span[1]]) else span
    return span


# --- one of several -------------------------------------------------------------------------------

_NAMED = r"(?:[Tt]he )?[A-Z][\w’'&-]*(?: (?:(?:of|de|van|von|&) )?(?:the )?[A-Z][\w’'&-]*)*"
_NO_ITEM = (
    r"(?:who|whom|whose|which|where|when|while|but|although|as|after|before|he|she|they|it)\b"
)
_ITEM = rf"(?!{_NO_ITEM})[^,;.:()“”\"]{{2,80}}?"
_AFTER = re.compile(  # ", X and Y", up to where the list ends
    rf"(?P<more>(?:, (?!and\b|or\b){_ITEM})*),? (?:and|or) (?P<last>{_ITEM})(?=[,;.:()“”\"]|$)"
)
_BEFORE = re.compile(rf"(?:{_NAMED}, )*{_NAMED}(?:, | and |, and )(?:the )?$")
_ONE_MORE = re.compile(rf"(?:,? (?:and|or) |, )(?P<item>{_ITEM})(?=,? (?:and|or) |, |$)")
_HAS_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|said|says)\b")


def items(span: Span, sentence: Span, text: str) -> tuple[Span, ...]:
    """Of "X, Y and Z", one of which is the span, all three; the span alone in no list."""
    start, end = span
    found = [span]
    after = _AFTER.match(text, end, sentence[1])
    if after and _is_list(after):
        for m in _ONE_MORE.finditer(text[end : after.end()]):
            name = re.match(_NAMED, m["item"])
            at = end + m.start("item")
            found.append((at, at + (name.end() if name else len(m["item"]))))
    if text[start].isupper() and (before := _BEFORE.search(text[sentence[0] : start])):
        at = sentence[0] + before.start()
        named = re.finditer(_NAMED, text[at:start])
        found = [
            (at + m.start(), at + m.end()) for m in named if m[0] not in ("The", "the")
        ] + found
    return tuple(found)


def _is_list(after: re.Match[str]) -> bool:
    """Whether what follows an "and" is one more of the same: of two, that is a name."""
    last = after["last"]
    return bool(after["more"] or re.match(_NAMED, last)) and not _HAS_VERB.search(last)


def name_before(start: int, end: int, text: str) -> Span | None:
    """The name that a text begins with which a "she" at `end` leans on, if it is one."""
    found = _LEADING_NAME.match(text, start, end)
    return found.span("name") if found else None


_LEADING_NAME = re.compile(
    r"(?P<name>[A-Z][\w’'-]+(?: (?:de |van |von |bin |al-)?[A-Z][\w’'-]+)+)(?=,| [a-z])"
)


def _reason(span: Span, sentence: Span, text: str) -> Span:
    """From the "because" on that it stands behind, to where that clause ends at least."""
    for clause in _BECAUSE.finditer(text, *sentence):
        if clause.start() <= span[0] < clause.end():
            return clause.start(), max(span[1], clause.end())
    return span


def _name_alone(span: Span, text: str) -> Span:
    """Of "Kenneth Appleyard, 72, a retired postman" the name, without where the news is from."""
    start, end = span
    dateline = _DATELINE.match(text, start, end)
    if dateline and dateline.end() < end:
        start = dateline.end()
    aged = _AGED.match(text, start, end)
    return start, aged.end("name") if aged else end
