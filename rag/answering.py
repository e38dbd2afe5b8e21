"""A question → an `Answer`. This is the whole path: read it from the top."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rag.answer import OF_ONE_OUTLET, SURE, Answer, Checked, Turn, turn_of
from rag.articles import Article
from rag.asking import asks_of_a_time
from rag.composing import UNREACHED, Found, answered, count_told, quoted, quotes
from rag.conversation import (
    asks_of_somebody,
    is_bare,
    leans,
    leaves_open_on_what,
    may_be_of,
    missing,
    plainly,
    standalone_question,
    thing_meant,
)
from rag.embedding import BUNDLED, Embedder
from rag.errors import BadInput, ModelMissing
from rag.facts import counterpart, flat, names
from rag.indexes import Indexes
from rag.library import Filters, Library
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.llm import Model, check_model, model_file, open_model
from rag.questions import WHATEVER, Overview, asks_order, outlet_of, overview_of, parts_of
from rag.reader import Reader
from rag.reading import ENOUGH, Evidence, Findings, Strictness, read
from rag.retrieval import Hit, Mode, retrieve
from rag.rewriting import READING, rewritten
from rag.speech import asks_what_said
from rag.stemming import content_stems, stems
from rag.summarising import named, sum_up
from rag.timing import Clock
from rag.verification import (
    Claim,
    dropped,
    faults,
    holds,
    is_sentence_of,
    is_slice_of,
    may_become,
    verdict,
)
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
    rewriter: Future[Model] | None = None  # the model, where it is to read what follow-ups mean


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
    loading = _loading(writer, model)
    return Engine(
        library=library,
        indexes=Indexes(library),
        embedder=embedder,
        reader=Reader(),
        model=loading,
        load_s=time.perf_counter() - started,
        # With 135M parameters a model says the question before again, or answers: it is not asked.
        # Nor is any in the browser, whose engine has none: quotes come there before any model's
        # turn, which another's wording may have, and a person can put right what the rules made.
        rewriter=None if loading is None or _is_bundled(model) else loading,
    )


def _is_bundled(model: str) -> bool:
    """Whether it is that model, also by the path of its file."""
    try:
        return model == BUNDLED_LLM or model_file(model).samefile(model_file(BUNDLED_LLM))
    except ModelMissing:  # it is behind an address, or no model is bundled here
        return False


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
        for claims in worded(found, model, engine.reader):
            yield answered(found, claims, model=model)


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

    Where the engine has a rewriter, it is asked what a follow-up means; a check follows.
    `history` is the conversation so far, oldest first, which a follow-up is resolved from;
    `standalone` what to search in place of the question, where a person put it right. At most `top`
    chunks are looked at; `strictness` says how soon it abstains. Raises BadInput when the question
    is none.
    """
    clock = Clock(engine.load_s)
    question = checked(question)
    plain = plainly(question)
    outlets = engine.library.outlets()
    history = [_of_its_outlet(turn, outlets) for turn in history]
    meant = _meant(plain, history, standalone, engine, clock)
    asked = _asked_of(meant, history, filters, outlets)
    search = partial(
        retrieve,
        library=engine.library,
        indexes=engine.indexes,
        embedder=engine.embedder,
        top=top,
        mode=mode,
        filters=asked.filters,
    )
    nothing = Found(
        question=question,
        standalone=asked.searched,
        hits=(),
        evidence=(),
        disagree=False,
        confidence=None,
        nearest=(),
        checks=list(meant.reading),
        clock=clock,
        embedding=engine.embedder.name,
        reader=engine.reader.name,
        notice=asked.lacks,
        scope=_scope(asked.filters, engine.library) if asked.filters else None,
    )
    if asked.left_out or (asked.lacks and is_bare(plain)):
        return nothing
    if asked.overview:
        before = () if asked.outlet and asked.searched == WHATEVER else history
        found = _summed_up(asked.overview, nothing, engine, search, before)
    elif len(parts := parts_of(asked.searched)) == 1:
        found = _read(nothing, search, engine, strictness)
        if meant.is_follow_up and (cited := _cited_last(history, engine, asked.filters)):
            there = partial(search, filters=cited)
            last = engine.library.articles_by_id(cited.articles)
            found = _read_on(found, plain, last, engine, there, strictness)
            thing = thing_meant(plain)
            found = _on_the(thing, found, nothing, engine, there) if thing else found
    else:
        found = _in_parts(parts, nothing, engine, search, strictness)
        if asks_order(asked.searched) and not all(part.evidence for part in found.parts):
            whole = _read(nothing, search, engine, strictness)
            found = whole if whole.evidence else found
    alone = [Checked(OF_ONE_OUTLET, True, asked.outlet)] if asked.outlet else []
    return replace(found, checks=[*meant.reading, *found.checks, *alone])


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a question is taken to mean.

    `standalone` stands alone; `by_rules` is what the rules made of it, `reading` how the model's
    reading of it came out where there was one, `lacks` what nothing before it says.
    """

    plain: str
    standalone: str
    by_rules: str
    overview: Overview | None
    lacks: str | None
    put_right: bool = False  # by a person
    reading: tuple[Checked, ...] = ()
    is_follow_up: bool = False


def _meant(
    plain: str, history: Sequence[Turn], put_right: str | None, engine: Engine, clock: Clock
) -> _Meant:
    """The question as a person put it right, or as it is resolved from the history."""
    if put_right is not None:
        overview = overview_of(put_right)
        return _Meant(plain, put_right or plain, plain, overview, None, put_right=True)
    lacks, overview = missing(plain, history), overview_of(plain)
    if overview and not overview.words:
        return _Meant(plain, plain, plain, overview, lacks)
    by_rules = standalone_question(plain, history)
    if overview:
        if overview == overview_of(by_rules):
            by_rules = plain  # the topic behind it says nothing more
        return _Meant(plain, by_rules, by_rules, overview_of(by_rules), lacks)
    searched, reading = _as_the_model_reads(plain, history, by_rules, engine, clock)
    return _Meant(
        plain,
        searched,
        by_rules,
        overview_of(searched),
        lacks,
        reading=tuple(reading),
        is_follow_up=True,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is searched, and where: of an outlet it is asked without the outlet's name.

    `left_out`: the outlet is none of those that were chosen.
    """

    searched: str
    overview: Overview | None
    filters: Filters | None
    outlet: str | None
    lacks: str | None
    left_out: bool = False


def _asked_of(
    meant: _Meant, history: Sequence[Turn], filters: Filters | None, outlets: Sequence[str]
) -> _Asked:
    searched, outlet = outlet_of(checked(meant.standalone), outlets)
    narrowed = bool(filters and (filters.outlets or filters.articles))
    if meant.put_right:
        outlet = outlet or (None if narrowed else outlet_of(meant.plain, outlets)[1])
    elif not (outlet or narrowed or meant.by_rules == meant.plain):
        outlet = _still_asked(meant.plain, history, outlets)
    if not outlet:
        return _Asked(searched, meant.overview, filters, None, meant.lacks)
    chosen = filters.outlets if filters else ()
    if chosen and outlet.casefold() not in map(str.casefold, chosen):
        lacks = f"It asks of {outlet}, which the chosen outlets leave out."
        return _Asked(searched, meant.overview, filters, outlet, lacks, left_out=True)
    of_it = replace(filters or Filters(), outlets=(outlet,))
    return _Asked(searched, overview_of(searched), of_it, outlet, meant.lacks)


def _as_the_model_reads(
    question: str, history: Sequence[Turn], by_rules: str, engine: Engine, clock: Clock
) -> tuple[str, list[Checked]]:
    """What is to be searched, and what was checked of it where the engine's rewriter was asked.

    It is `by_rules` for what stands alone or turns to something else, and where the rewriter is
    gone.
    """
    if engine.rewriter is None or overview_of(by_rules) or not leans(question, history):
        return by_rules, []
    clock.lap("retrieve_s")
    try:
        model = engine.rewriter.result()
        clock.lap("load_s")
        searched, check = rewritten(question, history, by_rules, model)
    except ModelMissing as error:
        return by_rules, [Checked(READING, False, f"left to the rules: {error.why}")]
    finally:
        clock.lap("write_s")
    return searched, [check]


def _of_its_outlet(turn: Turn, outlets: Sequence[str]) -> Turn:
    """The turn, its outlet told apart from its question where that names one."""
    question, outlet = outlet_of(turn.question, outlets)
    return replace(turn, question=question, outlet=outlet) if outlet else turn


def _still_asked(question: str, history: Sequence[Turn], outlets: Sequence[str]) -> str | None:
    """The outlet that the last question was asked of, unless this one speaks of another."""
    outlet = history[-1].outlet if history else None
    others = (re.escape(other.removeprefix("The ")) for other in outlets if other != outlet)
    if outlet not in outlets or any(re.search(rf"\b{o}(?!\w)", question) for o in others):
        return None
    return outlet


def _scope(filters: Filters, library: Library) -> str | None:
    """Which articles may answer, in words; None where all may."""
    chosen = library.articles_by_id(filters.articles[:_MOST_NAMED]).values()
    titles = [f"“{article.title}”" for article in chosen]
    more = len(filters.articles) - len(titles)
    parts = [
        " or ".join(filters.outlets),
        f"from {filters.since}" if filters.since else "",
        f"to {filters.until}" if filters.until else "",
        ", ".join([*titles, *([f"{more} more"] if titles and more else [])]),
    ]
    return ", ".join(filter(None, parts)) or ("articles that are gone" if filters.any else None)


_MOST_NAMED = 3  # articles of a scope
Search = Callable[..., list[Hit]]  # of a question


def _read(found: Found, search: Search, engine: Engine, strictness: Strictness) -> Found:
    hits = search(found.standalone)
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


def _read_on(
    found: Found,
    asked: str,
    last: Mapping[str, Article],
    engine: Engine,
    search: Search,
    strictness: Strictness,
) -> Found:
    """The same, or what the articles cited `last` say of it, if that is surer; `search` is in them.

    People go on asking about what they have just read; and an article speaks of "her" as they do,
    so that a question on her is also read as it was asked. What has no word that is not in those
    articles is asked of them, unless another is much surer.
    """
    sure = found.confidence or 0.0
    open_still = not found.disagree and not asks_of_a_time(found.standalone)
    elsewhere = bool(found.evidence) and found.evidence[0].article.id not in last
    strays = elsewhere and open_still and _is_of(last.values(), found.standalone)
    if found.evidence and not strays and (sure >= _SETTLED or not open_still):
        return found
    best, more = found, -_AT_HOME if strays else _CLEARLY
    whom = asks_of_somebody(asked)
    said = asks_what_said(found.standalone) if leaves_open_on_what(asked) else None
    title = next(iter(last.values())).title if len(last) == 1 else ""
    titled = f"{found.standalone.rstrip('?. ')} ({title})?"
    ways = (
        found.standalone,
        *([titled] if title and strays else []),
        *([f"What did {said[0]} say?"] if said else []),
        *([asked] if whom else []),
    )
    for question in ways:
        one = _read(replace(found, standalone=question), search, engine, strictness)
        if not one.evidence or (one.confidence or 0.0) < (best.confidence or 0.0) + more:
            continue
        resolved = question != asked or question == found.standalone
        if resolved or may_be_of(whom, one.evidence[0].quote, found.standalone, question):
            told = Checked("the article cited last", True, f"it says so to “{question}”")
            best = replace(one, standalone=found.standalone, checks=[*one.checks, told])
            more = _CLEARLY
    if strays and best is found and sure < _ELSEWHERE:
        told = Checked("the article cited last", False, f"another says so, at {sure:.2f} alone")
        return replace(found, evidence=(), disagree=False, checks=[*found.checks, told])
    return best


_SETTLED = 0.8  # of an answer's confidence: the last article is not asked
_CLEARLY = 0.1  # so much surer has to be what is found where there is less to find
_AT_HOME = 0.3  # so much less sure may be what the article says that all the words stand in
_ELSEWHERE = 0.6  # as sure has to be what only another says then


def _is_of(articles: Iterable[Article], question: str) -> bool:
    """Whether an article has all words of a question that names nobody and has few words."""
    wanted = set(content_stems(question))
    if len(wanted) not in _FEW or names(question):
        return False
    held = (f"{a.title}\n{a.text[:_LOOKED_THROUGH]}" for a in articles)
    return any(wanted <= set(stems(text)) for text in held)


_FEW = range(2, 5)  # words: who asks with more says what of
_LOOKED_THROUGH = 100_000  # characters of an article


def _on_the(thing: str, found: Found, nothing: Found, engine: Engine, search: Search) -> Found:
    """Of "and the pool?" what the articles cited last say of it, where what was found does not.

    What the question before asked may not be what one would know of the pool.
    """
    (last,) = content_stems(thing)[-1:] or [""]
    if found.evidence and any(
        stem.startswith(last)
        or (len(stem) > 2 and last.startswith(stem))  # who owns it is its owner
        for stem in stems(found.evidence[0].quote)
    ):
        return found
    wish = replace(nothing, standalone=f"Tell me about {thing}.")
    told = _summed_up(Overview(thing, of_one=False), wish, engine, search, ())
    return told if told.evidence else found


def _cited_last(history: Sequence[Turn], engine: Engine, filters: Filters | None) -> Filters | None:
    """The filters, and that it be one of the articles that the last answer with any cites first."""
    titles = next((turn.titles for turn in reversed(history[-_STILL:]) if turn.titles), ())
    ids = engine.library.ids_titled(titles[:2])
    if filters and filters.articles:
        ids = [article for article in ids if article in filters.articles]
    return replace(filters or Filters(), articles=tuple(ids)) if ids else None


_STILL = 2  # turns after which an article is no more what is spoken of


def _in_parts(
    parts: Sequence[str], found: Found, engine: Engine, search: Search, strictness: Strictness
) -> Found:
    """Each part by itself, resolved from those before it as a follow-up is."""
    told: list[Found] = []
    talk: list[Turn] = []
    for part in parts:
        alone = standalone_question(part, talk)
        one = replace(found, question=part, standalone=alone)
        told.append(_read(one, search, engine, strictness))
        talk.append(turn_of(quoted(told[-1])))
    sure = [one.confidence for one in told if one.evidence and one.confidence is not None]
    return replace(
        found,
        hits=tuple({hit.chunk_id: hit for one in told for hit in one.hits}.values()),
        evidence=tuple(evidence for one in told for evidence in one.evidence),
        confidence=min(sure, default=0.0),
        nearest=tuple({(n.article.id, n.start): n for f in told for n in f.nearest}.values())[:3],
        checks=[check for one in told for check in one.checks],
        parts=tuple(told),
    )


def _summed_up(
    overview: Overview, found: Found, engine: Engine, search: Search, history: Sequence[Turn]
) -> Found:
    """What articles say at all; "this" is what was spoken of last, or else whatever there is."""
    titles = (turn.titles[0] for turn in reversed(history) if turn.titles)
    last = next(titles, "") if overview.of_one else ""
    words = overview.words or last
    hits = search(words or found.standalone)
    if not words:
        among = list({hit.article.id: hit.article for hit in hits}.values())
        overview = replace(overview, of_one=len(among) == 1)
    else:
        overview = replace(overview, words=words)
        among = [article] if (article := named(words, hits)) else []
    found.clock.lap("retrieve_s")
    evidence: tuple[Evidence, ...] = ()
    if not overview.of_one and words:
        evidence = sum_up(overview, hits, engine.embedder)
    if not evidence and among:  # of no sentence that has the words, the article on them says most
        hits = [h for a in among for h in search(a.title, filters=Filters(articles=(a.id,)))]
        evidence = sum_up(replace(overview, of_one=len(among) == 1), hits, engine.embedder)
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
        yield Checked("agreement", False, "articles give different answers")


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
    reader: Reader,
    *,
    before_token: Callable[[], object] = lambda: None,
    patience_s: float = PATIENCE_S,
) -> Iterator[tuple[Claim, ...]]:
    """Checked sentences that tell the evidence, best first, one more each time.

    What is not worded well is quoted. Claims number the evidence, from 1. `before_token` is called
    before each token and may take its time: others may need the machine more. What has taken longer
    than `patience_s` is given up.
    """
    claims: tuple[Claim, ...] = ()
    for draft in _drafts(found, model, before_token, patience_s):
        told = _carried(draft, found, reader)
        found.clock.lap("verify_s")
        n = told[0].citations[0] if told else 0
        if n > count_told(claims):
            for claim in (*quotes(found, count_told(claims), n - 1), *told):
                claims = (*claims, claim)
                yield claims
    for claim in quotes(found, count_told(claims)):
        claims = (*claims, claim)
        yield claims


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
        # who asks may not be who runs it: the address is not for them
        found.checks.append(Checked(UNREACHED, False, f"it {error.why}"))
        return
    finally:
        found.clock.lap("write_s")
    if draft is None:
        why = "given up: its beginning was not the quote's words in their order, or took too long"
        found.checks.append(Checked("the model's wording", False, why))


def _carried(draft: Draft, found: Found, reader: Reader) -> tuple[Claim, ...]:
    """The draft as a claim on the evidence that carries it (first, the one it names), or none.

    What is all of a quote's sentence is told as that quote, which may be longer.
    """
    others = [n for n in range(1, len(found.evidence) + 1) if n != draft.evidence]
    reasons: list[str] = []
    for n in (draft.evidence, *others):
        evidence = found.evidence[n - 1]
        against = _against(draft.text, evidence, found.standalone)
        judged = None
        whole = is_sentence_of(draft.text, evidence.quote)
        if not (against or whole):
            judged = verdict(draft.text, evidence.article.title, evidence.quote, reader)
            if not judged.supported:
                against = [f"the trained checker gives it {judged.support:.2f}"]
        if not against:
            found.checks.append(Checked(draft.text, True, f"carried by quote {n}"))
            if judged is None:
                return quotes(found, n - 1, n)
            if is_slice_of(draft.text, evidence.quote):
                return (Claim(draft.text, (n,), "quoted", True, None),)
            return (Claim(draft.text, (n,), "generated", True, round(judged.support, 4)),)
        reasons = reasons or against
    found.checks.append(Checked(draft.text, False, f"dropped: {'; '.join(reasons)}"))
    return ()


_STANDS_FOR = re.compile(r"(?:he|she|they|it|his|her|their|its|this|that|these|those)\b", re.I)


def _against(text: str, evidence: Evidence, question: str) -> list[str]:
    """What the rules have against the draft as a wording of this evidence."""
    if evidence.speaker:  # a wording would have to say who speaks, in words that its quote lacks
        return ["its quote does not say who speaks"]
    own = evidence.article.text[slice(*evidence.sentence)]
    if not is_sentence_of(text, evidence.quote):
        if flat(counterpart(text, evidence.quote)) != flat(own):
            return ["it tells another sentence than the one that answers"]
        if evidence.start < evidence.sentence[0] and _STANDS_FOR.match(text):
            return ["it opens with a word for what stands before it"]
    lost = [f"leaves out {words!r}" for words in dropped(text, own, question)]
    if evidence.short and not holds(text, evidence.short):
        lost.append(f"leaves out the short answer {evidence.short!r}")
    return [*faults(text, [evidence.quote]), *lost]
