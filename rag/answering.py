"""A question → an `Answer`. This is the whole path: read it from the top."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rag.answer import (
    SURE,
    Answer,
    Checked,
    Citation,
    Copy,
    Part,
    Retrieved,
    Turn,
    not_said,
    turn_of,
    with_markers,
)
from rag.chunking import sentences
from rag.conversation import standalone_question
from rag.embedding import BUNDLED, Embedder
from rag.errors import BadInput, ModelMissing
from rag.indexes import Indexes
from rag.library import Filters, Library
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.llm import Model, check_model, open_model
from rag.questions import Overview, overview_of, parts_of
from rag.reader import Reader
from rag.reading import ENOUGH, Evidence, Findings, Strictness, read, short_answers
from rag.retrieval import Hit, Mode, retrieve
from rag.summarising import named, sum_up
from rag.timing import Clock
from rag.verification import Claim, dropped, faults, is_sentence_of, may_become
from rag.writing import PATIENCE_S, Draft, write

MOST_WORDS = 500  # of a question
Writer = Literal["llm", "quote", "auto"]


@dataclass(frozen=True, slots=True)
class Engine:
    """What answers are made with, opened once for many questions."""

    library: Library
    indexes: Indexes
    embedder: Embedder
    reader: Reader
    model: Future[Model] | None  # None: answers are the articles' own sentences
    load_s: float


def open_engine(
    folder: Path | str,
    *,
    writer: Writer = "auto",
    model: str = BUNDLED_LLM,
    embedding: str = BUNDLED,
) -> Engine:
    """The library in `folder` with its models. The chat model loads while other work goes on.

    Raises LibraryMissing, LibraryUnusable, ModelMissing; with writer "auto" a chat model that is
    not installed only means answers in quotes.
    """
    started = time.perf_counter()
    library = Library.open(Path(folder))
    embedder = Embedder(embedding)
    library.check_embedding(embedder.name, embedder.fingerprint)
    return Engine(
        library=library,
        indexes=Indexes(library),
        embedder=embedder,
        reader=Reader(),
        model=_loading(writer, model),
        load_s=time.perf_counter() - started,
    )


def _loading(writer: Writer, model: str) -> Future[Model] | None:
    if writer == "quote":
        return None
    try:
        check_model(model)
    except ModelMissing:
        if writer == "llm" or model != BUNDLED_LLM:
            raise
        return None
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-model")
    loading = pool.submit(open_model, model)
    pool.shutdown(wait=False)
    return loading


def ask(question: str, engine: Engine, **options: Any) -> Answer:
    """The whole answer. The options are those of `answers`."""
    *_, last = answers(question, engine, **options)
    return last


def answers(question: str, engine: Engine, **options: Any) -> Iterator[Answer]:
    """The answer as it grows, each one whole in itself and one checked sentence longer.

    The options are those of `look_up`. Raises BadInput when the question is none.
    """
    found = look_up(question, engine, **options)
    if engine.model is None or not found.may_be_worded:
        yield quoted(found)
    else:
        model = engine.model.result()
        found.clock.lap("load_s")
        for claims in worded(found, model):
            yield answered(found, claims, model=model)


@dataclass(frozen=True, slots=True)
class Found:
    """What the articles have on a question, before anything is said.

    `evidence` is empty when they do not say. `confidence` is the probability that the best of what
    was found answers, whether it is in `evidence` or not; None where it sums up. `checks` grows
    during the wording. `parts`: what was found on each of the questions that it was split into.
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

    @property
    def may_be_worded(self) -> bool:
        """Not where several questions are answered, or articles summed up: there quotes stand."""
        return bool(self.evidence) and not self.parts and self.confidence is not None


def look_up(
    question: str,
    engine: Engine,
    *,
    history: Sequence[Turn] = (),
    standalone: str | None = None,
    top: int = 12,
    mode: Mode = "hybrid",
    filters: Filters | None = None,
    strictness: Strictness = "normal",
) -> Found:
    """Retrieval and reading: the first half of the path, which needs no chat model.

    `history` is the conversation so far, oldest first, which a follow-up is resolved from;
    `standalone` what to search in place of the question, where a person put it right. At most `top`
    chunks are looked at; `strictness` says how soon it abstains. Raises BadInput when the question
    is none.
    """
    clock = Clock(engine.load_s)
    question = checked(question)
    overview = overview_of(standalone or question)
    if standalone is None and (overview is None or overview.words):
        standalone = standalone_question(question, history)
        overview = overview_of(standalone)
    searched = checked(standalone or question)
    search = partial(
        retrieve,
        library=engine.library,
        indexes=engine.indexes,
        embedder=engine.embedder,
        top=top,
        mode=mode,
        filters=filters,
    )
    nothing = Found(
        question=question,
        standalone=searched,
        hits=(),
        evidence=(),
        disagree=False,
        confidence=None,
        nearest=(),
        checks=[],
        clock=clock,
        embedding=engine.embedder.name,
        reader=engine.reader.name,
    )
    if overview:
        return _summed_up(overview, nothing, engine, search, history)
    parts = parts_of(searched)
    if len(parts) == 1:
        return _read(nothing, search(searched), engine, strictness)
    return _in_parts(parts, nothing, engine, search, strictness)


Search = Callable[..., list[Hit]]  # of a question


def _read(found: Found, hits: Sequence[Hit], engine: Engine, strictness: Strictness) -> Found:
    found.clock.lap("retrieve_s")
    findings = read(found.standalone, hits, engine.embedder, engine.reader)
    found.clock.lap("read_s")
    enough = bool(findings.evidence) and findings.confidence >= ENOUGH[strictness]
    return replace(
        found,
        hits=findings.hits,
        evidence=findings.evidence if enough else (),
        disagree=enough and findings.disagree,
        confidence=findings.confidence,
        nearest=findings.nearest,
        checks=list(_checks_of(findings, strictness, enough=enough)),
    )


def _in_parts(
    parts: Sequence[str], found: Found, engine: Engine, search: Search, strictness: Strictness
) -> Found:
    """Each part by itself, resolved from those before it as a follow-up is."""
    told: list[Found] = []
    talk: list[Turn] = []
    for part in parts:
        alone = standalone_question(part, talk)
        one = replace(found, question=part, standalone=alone, checks=[])
        told.append(_read(one, search(alone), engine, strictness))
        talk.append(turn_of(quoted(told[-1])))
    sure = [one.confidence for one in told if one.evidence and one.confidence is not None]
    return replace(
        found,
        hits=tuple({hit.chunk_id: hit for one in told for hit in one.hits}.values()),
        evidence=tuple(evidence for one in told for evidence in one.evidence),
        confidence=min(sure, default=0.0),
        nearest=tuple(near for one in told if not one.evidence for near in one.nearest),
        checks=[check for one in told for check in one.checks],
        parts=tuple(told),
    )


def _summed_up(
    overview: Overview, found: Found, engine: Engine, search: Search, history: Sequence[Turn]
) -> Found:
    """What articles say at all; "this" is what was spoken of last, or else whatever there is."""
    last = next((turn.titles[0] for turn in reversed(history) if turn.titles), "")
    words = overview.words or last
    hits = search(words or found.standalone)
    if not words:
        among = list({hit.article.id: hit.article for hit in hits}.values())
        overview = replace(overview, of_one=len(among) == 1)
    else:
        overview = replace(overview, words=words)
        among = [article] if (article := named(words, hits)) else []
    if overview.of_one or not words:
        hits = [h for a in among for h in search(a.title, filters=Filters(articles=(a.id,)))]
    found.clock.lap("retrieve_s")
    evidence = sum_up(overview, hits, engine.embedder)
    found.clock.lap("read_s")
    told = "sentences of the articles that say most of it" if evidence else "nothing is near it"
    return replace(
        found,
        hits=tuple(hits),
        evidence=evidence,
        checks=[Checked("a summary", bool(evidence), told)],
    )


def _checks_of(findings: Findings, strictness: Strictness, *, enough: bool) -> Iterator[Checked]:
    needed = ENOUGH[strictness]
    sure = findings.confidence if enough else min(findings.confidence, needed - 0.01)
    shown = f"{sure:.2f}" if findings.evidence else "nothing found"
    outcome = f"{shown}; {needed:.2f} is needed (strictness {strictness})"
    yield Checked(SURE, enough, outcome)
    if enough and findings.agreeing:
        also = f"{findings.agreeing} more of the articles found say{'s' * (findings.agreeing == 1)}"
        yield Checked("agreement", True, f"{also} the same")
    if enough and findings.disagree:
        yield Checked("agreement", False, "two articles give two answers")


def checked(question: str) -> str:
    """The question on one line. Raises BadInput when it is empty, too long, or has no word."""
    text = question.encode("utf-8", "replace").decode()  # an argument's bytes may be no text
    line = " ".join(text.split())
    if not line:
        raise BadInput('the question is empty; ask, for example, "who criticised the plan?".')
    if not any(c.isalnum() for c in line):
        raise BadInput(f"the question {line[:40]!r} has no word in it; ask in words.")
    if (words := len(line.split())) > MOST_WORDS or len(line) > 20 * MOST_WORDS:
        raise BadInput(
            f"the question has {words} words ({len(line)} characters); ask in at most "
            f"{MOST_WORDS} words."
        )
    return line


def worded(
    found: Found,
    model: Model,
    *,
    before_token: Callable[[], object] = bool,
    patience_s: float = PATIENCE_S,
) -> Iterator[tuple[Claim, ...]]:
    """Checked sentences that tell the evidence, best first, one more each time.

    What is not worded well is quoted. Claims number the evidence, from 1. `before_token` is called
    before each token and may take its time: others may need the machine more. What has taken longer
    than `patience_s` is given up.
    """
    claims: tuple[Claim, ...] = ()
    for draft in _drafts(found, model, before_token, patience_s):
        n = _carrier(draft, found)
        found.clock.lap("verify_s")
        if n is None or n <= _told(claims):
            continue
        for claim in (*quotes(found, _told(claims), n - 1), *_wording(draft, n, found)):
            claims = (*claims, claim)
            yield claims
    for claim in quotes(found, _told(claims)):
        claims = (*claims, claim)
        yield claims


def quotes(found: Found, after: int = 0, last: int | None = None) -> tuple[Claim, ...]:
    """The evidence numbered above `after`, up to `last`, in its own sentences."""
    numbered = list(enumerate(found.evidence, start=1))[after:last]
    return tuple(claim for n, evidence in numbered for claim in _quoted(n, evidence))


def with_rest(found: Found, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims, and in its own sentences what of the evidence they do not tell yet."""
    return (*claims, *quotes(found, _told(claims)))


def _told(claims: Sequence[Claim]) -> int:
    """So many pieces of evidence, from the best, are told."""
    return claims[-1].citations[0] if claims else 0


def _wording(draft: Draft, n: int, found: Found) -> tuple[Claim, ...]:
    if is_sentence_of(draft.text, found.evidence[n - 1].quote):
        return quotes(found, n - 1, n)
    return (Claim(draft.text, (n,), "generated", True, None),)


def _drafts(
    found: Found, model: Model, before_token: Callable[[], object], patience_s: float
) -> Iterator[Draft]:
    bare = [e.quote for e in found.evidence if not e.speaker]
    if not bare:
        return

    def promising(beginning: str) -> bool:
        before_token()
        return any(may_become(beginning, quote) for quote in bare)

    draft = None
    drafts = write(
        found.standalone, found.evidence, model, promising=promising, patience_s=patience_s
    )
    try:
        for draft in drafts:
            found.clock.lap("write_s")
            yield draft
    except ModelMissing as error:  # one behind an address can be gone at any time
        found.checks.append(Checked("the model's wording", False, str(error)))
        return
    finally:
        found.clock.lap("write_s")
    if draft is None:
        why = "given up: its beginning was not the quote's words in their order, or took too long"
        found.checks.append(Checked("the model's wording", False, why))


def _carrier(draft: Draft, found: Found) -> int | None:
    """The number of the evidence that carries the draft (first, the one it names), or None."""
    others = [n for n in range(1, len(found.evidence) + 1) if n not in draft.evidence]
    reasons: list[str] = []
    for n in (*draft.evidence, *others):
        against = _against(draft.text, found.evidence[n - 1], found.standalone)
        if not against:
            found.checks.append(Checked(draft.text, True, f"carried by quote {n}"))
            return n
        reasons = reasons or against
    found.checks.append(Checked(draft.text, False, f"dropped: {'; '.join(reasons)}"))
    return None


def _against(text: str, evidence: Evidence, question: str) -> list[str]:
    """What speaks against the draft as a wording of this evidence."""
    if evidence.speaker:  # a wording would have to say who speaks, in words that its quote lacks
        return ["its quote does not say who speaks"]
    own = evidence.article.text[slice(*evidence.sentence)]
    lost = (f"leaves out {words!r}" for words in dropped(text, own, question))
    return [*faults(text, [evidence.quote]), *lost]


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
    shorts = tuple(dict.fromkeys(short for answer in answers for short in answer.short_answers))
    return replace(
        _nothing_said(found, None, None),
        answer=" ".join(with_markers(claim) for claim in claims),
        short_answer=shorts[0] if shorts else None,
        short_answers=shorts,
        abstained=False,
        confidence=None if found.confidence is None else round(found.confidence, 4),
        method="quoted",
        claims=tuple(claims),
        parts=tuple(parts),
        conflicts=tuple(conflicts),
        citations=tuple(citations.values()),
    )


def answered(
    found: Found,
    claims: Sequence[Claim],
    *,
    model: Model | None = None,
    notice: str | None = None,
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
        _nothing_said(found, model, notice),
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


def abstained(found: Found, *, model: Model | None = None, notice: str | None = None) -> Answer:
    """That the articles do not say, and what came nearest."""
    near = (_citation(n, e) for n, e in enumerate(found.nearest, start=1))
    return replace(
        _nothing_said(found, model, notice),
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
        notice=notice,
        timings=found.clock.timings(),
        models={
            "embedding": found.embedding,
            "reader": found.reader,
            "llm": model.name if model else None,
        },
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
        copies=tuple(Copy(a.id, a.title, a.outlet, a.published) for a in e.copies),
    )
