"""What was found on a question → an `Answer`: its sentences, its numbered citations."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.answer import (
    Answer,
    Checked,
    Citation,
    Copy,
    Part,
    Retrieved,
    not_said,
    with_markers,
)
from rag.articles import Article, Printing, parse_date
from rag.chunking import sentences
from rag.errors import BadInput
from rag.llm import Model
from rag.questions import asks_order
from rag.reading import Evidence, short_answers
from rag.retrieval import Hit
from rag.timing import Clock
from rag.verification import Claim


@dataclass(frozen=True, slots=True)
class Found:
    """What the articles have on a question, before anything is said.

    `evidence` is empty when they do not say. `confidence` is the probability that the best of what
    was found answers, whether it is in `evidence` or not; None where it sums up. `checks` grows
    during the wording. `parts`: what was found on each of the questions that it was split into.
    `notice`: what one should know of how it was asked; `scope`: of which articles, in words.
    """

    question: str
    standalone: str
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    disagree: bool
    confidence: float | None
    nearest: tuple[Evidence, ...]
    checks: list[Checked]
    clock: Clock
    embedding: str
    reader: str
    parts: tuple["Found", ...] = ()
    notice: str | None = None
    scope: str | None = None

    @property
    def may_be_worded(self) -> bool:
        """Not where several questions are answered, or articles summed up: there quotes stand."""
        return bool(self.evidence) and not self.parts and self.confidence is not None


def quotes(found: Found, after: int = 0, last: int | None = None) -> tuple[Claim, ...]:
    """The evidence numbered above `after`, up to `last`, in its own sentences."""
    numbered = list(enumerate(found.evidence, start=1))[after:last]
    return tuple(claim for n, evidence in numbered for claim in _quoted(n, evidence))


def with_rest(found: Found, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims, and in its own sentences what of the evidence they do not tell yet."""
    return (*claims, *quotes(found, count_told(claims)))


def count_told(claims: Sequence[Claim]) -> int:
    """So many pieces of evidence, from the best, are told."""
    return claims[-1].citations[0] if claims else 0


def _quoted(n: int, evidence: Evidence) -> Iterator[Claim]:
    """The quote's sentences; whoever speaks in it unnamed is named in brackets before it."""
    quote = evidence.quote
    named = f"[{evidence.speaker}] " if evidence.speaker else ""
    for start, end in sentences(quote):
        yield Claim(named + quote[start:end], (n,), "quoted", True, None)
        named = ""


# --- putting an Answer together -------------------------------------------------------------------


def quoted(found: Found) -> Answer:
    """The answer in the articles' own sentences; an abstention where there are none."""
    if not found.evidence:
        return abstained(found)
    if found.parts:
        return _joined(found, [quoted(part) for part in found.parts])
    return answered(found, quotes(found))


def _joined(found: Found, answers: Sequence[Answer]) -> Answer:
    """The answers to the parts of a question as one; a quote that serves two has one number."""
    claims: list[Claim] = []
    citations: dict[tuple[str, int, int], Citation] = {}
    parts: list[Part] = []
    conflicts = []
    for answer in answers:
        number = {}
        for c in answer.citations:
            place = (c.article_id, c.start, c.end)
            citations.setdefault(place, replace(c, n=len(citations) + 1))
            both = dict.fromkeys((*citations[place].answering, *c.answering))
            citations[place] = replace(citations[place], answering=tuple(both))
            number[c.n] = citations[place].n
        places = []
        for claim in answer.claims:
            own = replace(claim, citations=tuple(number[n] for n in claim.citations))
            if own not in claims:
                claims.append(own)
            places.append(claims.index(own))
        short = answer.short_answer
        if any(short == part.short_answer for part in parts):
            short = None  # it cannot be both who did it and why
        parts.append(Part(answer.question, tuple(places), short, abstained=answer.abstained))
        conflicts += [tuple(places[i] for i in group) for group in answer.conflicts]
    shorts = tuple(
        dict.fromkeys(
            short
            for answer, part in zip(answers, parts, strict=True)
            if part.short_answer is not None
            for short in answer.short_answers
        )
    )
    return replace(
        _nothing_said(found, None, _joined_notices(_in_order(found), found, found.evidence)),
        answer=" ".join(with_markers(claim) for claim in claims),
        short_answer=parts[0].short_answer,
        short_answers=shorts,
        abstained=False,
        confidence=None if found.confidence is None else round(found.confidence, 4),
        method="quoted",
        claims=tuple(claims),
        parts=tuple(parts),
        conflicts=tuple(dict.fromkeys(conflicts)),
        citations=tuple(citations.values()),
    )


def _in_order(found: Found) -> str | None:
    """Which of two events was first, where that is asked and each has one date, with its year."""
    told = [_date_told(part) for part in found.parts] if asks_order(found.standalone) else []
    dates = sorted(date_ for date_ in told if date_)
    if len(told) != 2 or len(dates) != 2:
        return found.notice
    ((_, last), earlier), ((first, _), later) = dates
    order = f"{earlier} comes before {later}." if last < first else None
    return " ".join(filter(None, (found.notice, order))) or None


def _date_told(part: Found) -> tuple[tuple[date, date], str] | None:
    """The days that it may mean, and its words; None of what is no date, or is gainsaid."""
    if part.disagree or not part.evidence:
        return None
    best = part.evidence[0]
    alone = _DATE_ALONE.fullmatch(best.short or "")
    if alone is None or not best.answering:
        return None
    start, end = best.answering[0]
    before, after = best.article.text[:start].casefold(), best.article.text[end:]
    led = {word.strip(".,:;()") for word in before.split()[-3:]}
    if not _LOOSELY.isdisjoint(led) or before.endswith(("~", "-", "–")) or _GOES_ON.match(after):
        return None
    span = _span_of(alone["day"])
    return (span, alone["day"]) if span else None


def _span_of(day: str) -> tuple[date, date] | None:
    """The first and last day that a date may mean: of a year, all its days."""
    day = re.sub(r"\bSept\b", "Sep", day)
    try:
        return parse_date(day), parse_date(day, latest=True)
    except BadInput:
        pass
    month, _, year = day.replace(",", " ").partition(" ")
    try:
        first = parse_date(f"1 {month} {year.strip()}")
    except BadInput:
        return None
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def answered(
    found: Found,
    claims: Sequence[Claim],
    *,
    model: Model | None = None,
) -> Answer:
    """The citations are numbered in the order in which the claims first use them."""
    used = list(dict.fromkeys(n for claim in claims for n in claim.citations))
    number = {n: i for i, n in enumerate(used, start=1)}
    renumbered = tuple(
        replace(claim, citations=tuple(number[n] for n in claim.citations)) for claim in claims
    )
    generated = any(claim.method == "generated" for claim in claims)
    told = [found.evidence[n - 1] for n in sorted(used)]
    shorts = short_answers(found.standalone, told)
    # one claim of each: its last, which is the sentence that holds the answer
    sides = {claim.citations[0]: i for i, claim in enumerate(renumbered)}
    both = found.disagree and len(sides) > 1
    if both:
        shorts = tuple(e.short for e in told if e.short)
    return replace(
        _nothing_said(found, model, _joined_notices(found.notice, found, told)),
        answer=" ".join(with_markers(claim) for claim in renumbered),
        short_answer=shorts[0] if shorts else None,
        short_answers=shorts,
        abstained=False,
        confidence=None if found.confidence is None else round(found.confidence, 4),
        conflicts=(tuple(sides.values()),) if both else (),
        method="generated" if generated else "quoted",
        claims=renumbered,
        citations=tuple(_citation(number[n], found.evidence[n - 1]) for n in used),
    )


def _joined_notices(notice: str | None, found: Found, told: Sequence[Evidence]) -> str | None:
    unreached = any(c.what == UNREACHED and not c.passed for c in found.checks)
    dated = _as_of(found.standalone, told) or _published(found.standalone, told)
    notices = (notice, _NOT_WORDED if unreached else None, dated)
    return " ".join(filter(None, notices)) or None


UNREACHED = "whether the chat model answers"
_NOT_WORDED = (
    "Not worded by the model, which cannot be reached: these are the articles’ own sentences."
)
_OLD = timedelta(days=365)
_OF_TODAY = re.compile(
    r"\b(?:is|are|am|do|does|has|have|now(?:adays)?|current(?:ly)?|today|latest|still|so far|"
    r"at present|these days)\b|^(?:who|what|which [a-z]+) [a-z]{3,}s\b",
    re.I,
)
_OF_THEN = re.compile(r"\b(?:was|were|did|had|in \d{4}|ago)\b", re.I)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATE_ALONE = re.compile(
    r"(?:(?:[Ii]n|[Oo]n) )?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
    rf"(?P<day>(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? |"
    rf"{_MONTH} (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?)?[12]\d{{3}})"
)
_LOOSELY = frozenset(
    "before until till after since by about around circa c ca to than between from least most end "
    "start early late approximately roughly probably perhaps nearly almost not never due expected "
    "planned over".split()
)
_GOES_ON = re.compile(r"s\b|\s?[-–—/]|\s(?:or|to|BC|B\.C\.|BCE)\b|\sand [12]\d{3}")
_YEAR = re.compile(r"\b[12]\d{3}s?\b")
# Times that one can tell only from the day on which they were written.
_FROM_ITS_DAY = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tonight|tomorrow|"
    r"(?:last|next|this) (?:week(?:end)?|month|year|night|morning|afternoon|evening|spring|summer|"
    r"autumn|winter)|(?:hours?|days?|weeks?|months?|years?) ago)\b",
    re.I,
)


def _as_of(question: str, told: Sequence[Evidence]) -> str | None:
    """When the newest of its articles appeared, where an old one tells how things are today."""
    if not _OF_TODAY.search(question) or _OF_THEN.search(question) or not _are_old(told):
        return None
    return f"As of {_named(max(_days(told)))}, when this was published."


def _published(question: str, told: Sequence[Evidence]) -> str | None:
    """When its articles appeared, where they are old, or the words that answer hang on their day.

    Not where a year is told: by those words, or, of old ones, by the question.
    """
    old = _are_old(told) and not _YEAR.search(question)
    days = _days([e for e in told if _lacks_a_year(e, old=old)])
    if not days:
        return None
    first, last = _named(min(days)), _named(max(days))
    return f"Published {first}." if first == last else f"Published between {first} and {last}."


def _lacks_a_year(e: Evidence, *, old: bool) -> bool:
    words = " ".join(e.article.text[slice(*span)] for span in e.answering)
    return not _YEAR.search(words) and (old or bool(_FROM_ITS_DAY.search(words)))


def _are_old(told: Sequence[Evidence]) -> bool:
    """Whether all of them are known to be."""
    days = _days(told)
    return bool(days) and len(days) == len(told) and date.today() - max(days) >= _OLD


def _days(told: Sequence[Evidence]) -> list[date]:
    return [day for e in told for day in (e.article.published,) if day]


def _named(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def abstained(found: Found) -> Answer:
    """That the articles do not say, and what came nearest."""
    near = (_citation(n, e) for n, e in enumerate(found.nearest, start=1))
    return replace(
        _nothing_said(found, None, found.notice),
        nearest=tuple(replace(citation, answering=()) for citation in near),
    )


def _nothing_said(found: Found, model: Model | None, notice: str | None) -> Answer:
    """All of an answer but what it says."""
    found.clock.first("first_token_s")
    return Answer(
        question=found.question,
        standalone_question=found.standalone,
        answer=not_said(found.standalone),
        short_answer=None,
        short_answers=(),
        abstained=True,
        confidence=None,
        method="abstained",
        claims=(),
        parts=(),
        conflicts=(),
        citations=(),
        nearest=(),
        retrieved=tuple(map(_retrieved, found.hits)),
        checked=tuple(found.checks),
        notice=notice or found.notice,
        timings=found.clock.timings(),
        models={
            "embedding": found.embedding,
            "reader": found.reader,
            "llm": model.name if model else None,
        },
        scope=found.scope,
    )


def _retrieved(hit: Hit) -> Retrieved:
    return Retrieved(
        chunk_id=hit.chunk_id,
        article_id=hit.chunk.article_id,
        title=hit.article.title,
        start=hit.chunk.start,
        end=hit.chunk.end,
        cosine=hit.cosine,
        bm25=hit.bm25,
        fused=hit.fused,
    )


def _citation(n: int, e: Evidence) -> Citation:
    told = [copy for article in (e.article, *e.copies) for copy in copies_of(article)]
    return Citation(
        n=n,
        article_id=e.article.id,
        chunk_id=e.chunk_id,
        title=e.article.title,
        outlet=e.article.outlet,
        published=e.article.published,
        sources=e.article.sources,
        quote=e.quote,
        start=e.start,
        end=e.end,
        answering=e.answering,
        speaker=e.speaker,
        score=round(e.score, 4),
        copies=tuple(told[1:]),  # without its own
    )


def copies_of(article: Article) -> list[Copy]:
    """The article as its own outlet has it, and as each other outlet does."""
    told: tuple[Article | Printing, ...] = (article, *article.reprints)
    return [Copy(article.id, one.title, one.outlet, one.published) for one in told]
