"""A question → an `Answer`. This is the whole path: read it from the top."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rag.answer import NOT_SAID, Answer, Citation, with_markers
from rag.articles import Article
from rag.chunking import Span, sentences
from rag.embedding import BUNDLED, Embedder
from rag.errors import BadInput, ModelMissing
from rag.indexes import Indexes
from rag.library import Filters, Library
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.llm import ChatModel, model_file
from rag.reading import Evidence, Strictness, answerable, is_finished, read
from rag.retrieval import Hit, Mode, retrieve
from rag.timing import Clock
from rag.verification import Claim, dropped, faults, is_sentence_of, may_become
from rag.writing import Draft, write

MOST_WORDS = 500  # of a question
Writer = Literal["llm", "quote", "auto"]


@dataclass(frozen=True, slots=True)
class Engine:
    """What answers are made with, opened once for many questions."""

    library: Library
    indexes: Indexes
    embedder: Embedder
    model: Future[ChatModel] | None  # None: answers are the articles' own sentences
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
        model=_loading(writer, model),
        load_s=time.perf_counter() - started,
    )


def _loading(writer: Writer, model: str) -> Future[ChatModel] | None:
    if writer == "quote":
        return None
    try:
        model_file(model)
    except ModelMissing:
        if writer == "llm" or model != BUNDLED_LLM:
            raise
        return None
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-model")
    loading = pool.submit(ChatModel, model)
    pool.shutdown(wait=False)
    return loading


def ask(question: str, engine: Engine, **options: Any) -> Answer:
    """The whole answer. The options are those of `answers`."""
    *_, last = answers(question, engine, **options)
    return last


def answers(
    question: str,
    engine: Engine,
    *,
    top: int = 8,
    mode: Mode = "hybrid",
    filters: Filters | None = None,
    strictness: Strictness = "normal",
) -> Iterator[Answer]:
    """The answer as it grows, each one whole in itself and one checked sentence longer.

    At most `top` chunks are looked at; `strictness` says how soon it abstains. Raises BadInput
    when the question is none.
    """
    clock = Clock(engine.load_s)
    question = checked(question)
    hits = retrieve(
        question,
        engine.library,
        engine.indexes,
        engine.embedder,
        top=top,
        mode=mode,
        filters=filters,
    )
    clock.lap("retrieve_s")
    evidence = read(question, hits, engine.embedder)
    clock.lap("read_s")
    if not answerable(evidence, strictness):
        yield _abstained(question, hits, engine, clock)
        return
    claims: list[Claim] = []
    for claim in _claims(question, evidence, engine, clock):
        claims.append(claim)
        yield _answered(question, claims, evidence, engine, clock)


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


def _claims(
    question: str, evidence: Sequence[Evidence], engine: Engine, clock: Clock
) -> Iterator[Claim]:
    """Checked sentences that tell the evidence, best first; what is not worded well is quoted."""
    told = 0  # so many pieces of evidence, from the best, are told
    for draft in _drafts(question, evidence, engine, clock):
        n = _carrier(draft, question, evidence)
        clock.lap("verify_s")
        if n is None or n <= told:
            continue
        for i in range(told + 1, n):
            yield from _quoted(i, evidence[i - 1])
        told = n
        if is_sentence_of(draft.text, evidence[n - 1].quote):
            yield from _quoted(n, evidence[n - 1])
        else:
            yield Claim(draft.text, (n,), "generated", True, None)
    for i in range(told + 1, len(evidence) + 1):
        yield from _quoted(i, evidence[i - 1])


def _drafts(
    question: str, evidence: Sequence[Evidence], engine: Engine, clock: Clock
) -> Iterator[Draft]:
    quotes = [e.quote for e in evidence if not e.speaker]
    if engine.model is None or not quotes:
        return
    model = engine.model.result()
    clock.lap("load_s")

    def promising(beginning: str) -> bool:
        return any(may_become(beginning, quote) for quote in quotes)

    for draft in write(question, evidence, model, promising=promising):
        clock.lap("write_s")
        yield draft
    clock.lap("write_s")


def _carrier(draft: Draft, question: str, evidence: Sequence[Evidence]) -> int | None:
    """The number of the evidence that carries the draft (first, the one it names), or None."""
    others = [n for n in range(1, len(evidence) + 1) if n not in draft.evidence]
    for n in (*draft.evidence, *others):
        e = evidence[n - 1]
        if e.speaker:
            continue  # a wording would have to say who speaks, in words that its quote lacks
        own = e.article.text[slice(*e.sentence)]
        if not faults(draft.text, [e.quote]) and not dropped(draft.text, own, question):
            return n
    return None


def _quoted(n: int, evidence: Evidence) -> Iterator[Claim]:
    """The quote's sentences; whoever speaks in it unnamed is named in brackets before it."""
    quote = evidence.quote
    named = f"[{evidence.speaker}] " if evidence.speaker else ""
    for start, end in sentences(quote):
        yield Claim(named + quote[start:end], (n,), "quoted", True, None)
        named = ""


# --- putting an Answer together -------------------------------------------------------------------


def _answered(
    question: str,
    claims: Sequence[Claim],
    evidence: Sequence[Evidence],
    engine: Engine,
    clock: Clock,
) -> Answer:
    """Claims number the evidence; the citations are numbered in the order they are first used."""
    used = list(dict.fromkeys(n for claim in claims for n in claim.citations))
    number = {n: i for i, n in enumerate(used, start=1)}
    renumbered = tuple(
        replace(claim, citations=tuple(number[n] for n in claim.citations)) for claim in claims
    )
    generated = any(claim.method == "generated" for claim in claims)
    clock.first("first_token_s")
    return Answer(
        question=question,
        standalone_question=question,
        answer=" ".join(with_markers(claim) for claim in renumbered),
        short_answer=None,
        short_answers=(),
        abstained=False,
        confidence=None,
        method="generated" if generated else "quoted",
        claims=renumbered,
        citations=tuple(_citation(number[n], evidence[n - 1]) for n in used),
        nearest=(),
        timings=clock.timings(),
        models=_models(engine),
    )


def _abstained(question: str, hits: Sequence[Hit], engine: Engine, clock: Clock) -> Answer:
    clock.first("first_token_s")
    return Answer(
        question=question,
        standalone_question=question,
        answer=NOT_SAID,
        short_answer=None,
        short_answers=(),
        abstained=True,
        confidence=None,
        method="abstained",
        claims=(),
        citations=(),
        nearest=tuple(_nearest(hits)),
        timings=clock.timings(),
        models=_models(engine),
    )


def _nearest(hits: Sequence[Hit], most: int = 3) -> Iterator[Citation]:
    """The opening sentences of the best chunks, as what came closest; headings passed over."""
    for n, hit in enumerate(hits[:most], start=1):
        spans = sentences(hit.chunk.text)
        told = [s for s in spans if is_finished(hit.chunk.text[slice(*s)])] or spans
        start, end = told[0][0], told[min(1, len(told) - 1)][1]
        at = hit.chunk.start
        yield _cite(n, hit.article, hit.chunk_id, (at + start, at + end))


def _citation(n: int, e: Evidence) -> Citation:
    return _cite(n, e.article, e.chunk_id, (e.start, e.end), e.answering, e.speaker)


def _cite(
    n: int,
    article: Article,
    chunk_id: int,
    span: Span,
    answering: tuple[Span, ...] = (),
    speaker: str | None = None,
) -> Citation:
    return Citation(
        n=n,
        article_id=article.id,
        chunk_id=chunk_id,
        title=article.title,
        outlet=article.outlet,
        published=article.published,
        sources=article.sources,
        quote=article.text[slice(*span)],
        start=span[0],
        end=span[1],
        answering=answering,
        speaker=speaker,
        score=None,
    )


def _models(engine: Engine) -> dict[str, str | None]:
    ready = engine.model is not None and engine.model.done() and not engine.model.exception()
    llm = engine.model.result().name if engine.model is not None and ready else None
    return {"embedding": engine.embedder.name, "reader": None, "llm": llm}
