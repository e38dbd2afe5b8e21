"""A gold question × a library → what is right of what is found, said, cited and left unsaid.

It is answered by the functions that answer a person's, with one change: no clock cuts the model
short, so that the same input gives the same scores on any machine.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.answer import Answer, Citation, unnamed
from rag.answering import Engine, look_up, worded
from rag.articles import Article
from rag.composing import Found, answered, quoted
from rag.gold import Gold, names_of, plain, question_type
from rag.library import Library
from rag.llm import Model
from rag.metrics import (
    Judge,
    citation_precision,
    citation_recall,
    exact_match,
    gold_in_answer,
    gold_in_first_sentence,
    gold_judge,
    grade,
    ndcg_at,
    quote_exactness,
    recall_at,
    reciprocal_rank_at,
    success_at,
    token_f1,
)
from rag.reader import Reader
from rag.reading import Strictness
from rag.retrieval import Hit, Mode, retrieve
from rag.runs import Cited, Failure, Question, Row
from rag.verification import faults, is_sentence_of

DEPTH = 20  # chunks that retrieval is judged by
ARTICLE_DEPTH = 50  # and where it is judged by articles, of which each has many
GROUPS = {
    "retrieval": (
        *(f"success@{k}" for k in (1, 3, 5, 10, 20)),
        *("recall@10", "mrr@10", "ndcg@10", "unread_ndcg@10"),
    ),
    "answers": ("short_em", "short_f1", "gold_in_answer", "gold_in_first_sentence", "worded"),
    "citations": ("citation_recall", "citation_precision", "quote_exactness", "verified"),
}
STAGES = ("retrieve_s", "read_s", "first_token_s", "write_s", "verify_s", "total_s")

Tokens = tuple[int | None, int | None]  # read and written by the chat model, None without one


def asked_as(gold: Gold) -> Question:
    """As a row has it: with the evidence as articles have their text, so it is looked for there."""
    return Question(
        id=gold.id,
        question=gold.question,
        history=tuple((turn.question, turn.answer) for turn in gold.history),
        answers=gold.answers,
        evidence=tuple(map(plain, gold.evidence)),
        relevant=frozenset(gold.relevant),
    )


# --- one question ---------------------------------------------------------------------------------


def ask_gold(gold: Gold, engine: Engine, *, top: int, mode: Mode, strictness: Strictness) -> Row:
    """The question answered as a person's is, and what is right of it."""
    gold = replace(gold, evidence=asked_as(gold).evidence)
    model = engine.model.result() if engine.model else None
    before = model.tokens_used if model else None
    found = look_up(
        gold.question, engine, history=gold.history, top=top, mode=mode, strictness=strictness
    )
    answer = _answer(found, model, engine.reader)
    tokens = _used(before, model.tokens_used) if model and before else (None, None)
    # Not before: the question's vector stays in memory, and the answer would seem to come sooner.
    depth = ARTICLE_DEPTH if gold.relevant else DEPTH
    unread = retrieve(
        found.standalone, engine.library, engine.indexes, engine.embedder, top=depth, mode=mode
    )
    read = {hit.chunk_id for hit in found.hits}
    ranked = [*found.hits, *(hit for hit in unread if hit.chunk_id not in read)]
    relevant = _relevant(gold, engine.library)
    existing = _existing(gold, engine.library, relevant)
    retrieved = any(_grades(gold, found.hits, relevant)) if existing else None
    retrieval = _retrieval_scores(
        _grades(gold, ranked, relevant), _grades(gold, unread, relevant), existing
    )
    return _row(gold, answer, found, retrieval, retrieved, engine.library, relevant, tokens)


def _used(before: tuple[int, int], after: tuple[int, int]) -> Tokens:
    return after[0] - before[0], after[1] - before[1]


def _answer(found: Found, model: Model | None, reader: Reader) -> Answer:
    if model is None or not found.may_be_worded:
        return quoted(found)
    *_, claims = worded(found, model, reader, patience_s=math.inf)
    return answered(found, claims, model=model)


def _row(
    gold: Gold,
    answer: Answer,
    found: Found,
    retrieval: Mapping[str, float | None],
    retrieved: bool | None,
    library: Library,
    relevant: Mapping[str, int],
    tokens: Tokens,
) -> Row:
    supports = _judge(gold, answer, relevant)
    cited = {c.n: c.quote for c in answer.citations}
    claims = [(c.text, [cited[n] for n in c.citations if n in cited]) for c in answer.claims]
    judged = claims if gold.answerable else []
    scores = {
        **retrieval,
        **_answer_scores(gold, answer),
        "citation_recall": citation_recall(judged, supports),
        "citation_precision": citation_precision(judged, supports),
        "quote_exactness": quote_exactness(
            (*answer.citations, *answer.nearest),
            {a.id: a.text for a in library.articles_by_id(_cited_ids(answer)).values()},
        ),
        "verified": _verified(answer),
    }
    read = any(supports("", [e.quote]) for e in found.evidence)
    failure = _failure(gold, answer, scores, retrieved=retrieved, read=read)
    return Row(
        id=gold.id,
        kind=gold.kind or question_type(gold.question),
        question=gold.question,
        answers=gold.answers,
        evidence=gold.evidence,
        answerable=gold.answerable,
        answer=answer.answer,
        short_answer=answer.short_answer,
        abstained=answer.abstained,
        confidence=round(found.confidence or 0.0, 4),
        citations=tuple(
            Cited(c.n, c.title, c.quote, supports("", [c.quote])) for c in answer.citations
        ),
        failure=failure,
        scores={**scores, **_outcome(gold, answer, failure)},
        timings=_warm(answer.timings),
        tokens_in=tokens[0],
        tokens_out=tokens[1],
        relevant=dict(gold.relevant),
        history=asked_as(gold).history,
    )


def _judge(gold: Gold, answer: Answer, relevant: Mapping[str, int]) -> Judge:
    """Where it is known of articles alone whether they are relevant, a quote of one supports."""
    if gold.answers or gold.evidence:
        return gold_judge(gold.answers, gold.evidence)
    of_relevant = {c.quote for c in answer.citations if c.article_id in relevant}
    return lambda _sentence, quotes: not of_relevant.isdisjoint(quotes)


def _warm(timings: Mapping[str, float]) -> dict[str, float]:
    """Without what opening the library took, which an Answer counts though it is done only once."""
    counted = {stage: timings[stage] for stage in STAGES}
    for stage in ("first_token_s", "total_s"):
        counted[stage] = round(max(0.0, counted[stage] - timings["load_s"]), 4)
    return counted


def _cited_ids(answer: Answer) -> list[str]:
    return [c.article_id for c in (*answer.citations, *answer.nearest)]


def _retrieval_scores(
    grades: Sequence[int], unread: Sequence[int], existing: Sequence[int]
) -> dict[str, float | None]:
    """Of the order that reading gives; `unread` is the one that retrieval gave.

    All None for a question of which nobody said where its answer stands.
    """
    if not existing:
        return dict.fromkeys(GROUPS["retrieval"])
    return {
        **{f"success@{k}": success_at(k, grades) for k in (1, 3, 5, 10, 20)},
        "recall@10": recall_at(10, grades, existing),
        "mrr@10": reciprocal_rank_at(10, grades),
        "ndcg@10": ndcg_at(10, grades, existing),
        "unread_ndcg@10": ndcg_at(10, unread, existing),
    }


def _answer_scores(gold: Gold, answer: Answer) -> dict[str, float | None]:
    """An abstention has none of the words, and so has an answer without a short one."""
    if not gold.answerable or not gold.answers:
        return dict.fromkeys(GROUPS["answers"])
    short, said = answer.short_answer or "", "" if answer.abstained else answer.answer
    return {
        "short_em": exact_match(short, gold.answers),
        "short_f1": token_f1(short, gold.answers),
        "gold_in_answer": gold_in_answer(said, gold.answers),
        "gold_in_first_sentence": gold_in_first_sentence(said, gold.answers),
        "worded": _worded(answer),
    }


def _worded(answer: Answer) -> float | None:
    """Whether a sentence of the chat model passed; None where it was not asked for one."""
    asked = answer.models["llm"] and not answer.abstained
    return float(answer.method == "generated") if asked else None


def _outcome(gold: Gold, answer: Answer, failure: Failure) -> dict[str, float | None]:
    """By question, so that two runs can be compared by them; of the first two less is better."""
    abstained, can = answer.abstained, gold.answerable
    return {
        "false_abstention": float(abstained) if can else None,
        "answered_unanswerable": None if can else float(not abstained),
        "right": float(not failure) if can else None,
    }


def _verified(answer: Answer) -> float | None:
    """The share of the sentences that the project's own check lets pass: shown beside, no target.

    A filter cannot be its own judge.
    """
    cited = {c.n: c for c in answer.citations}
    passed = [
        _passes(claim.text, [cited[n] for n in claim.citations if n in cited])
        for claim in answer.claims
    ]
    return sum(passed) / len(passed) if passed else None


def _passes(text: str, cited: Sequence[Citation]) -> bool:
    if any(is_sentence_of(unnamed(text, c), c.quote) for c in cited):
        return True
    return not faults(text, [c.quote for c in cited])


def _failure(
    gold: Gold,
    answer: Answer,
    scores: Mapping[str, float | None],
    *,
    retrieved: bool | None,
    read: bool,
) -> Failure:
    """What went wrong first, in the order of the path."""
    if not gold.answerable:
        return "" if answer.abstained else "wrongly answered"
    if scores["gold_in_answer"] is None and retrieved is False:
        return "not retrieved"  # without gold answers nothing else tells
    right = scores["gold_in_answer"] in (1.0, None) and not answer.abstained
    cited = scores["citation_recall"] != 0 and scores["quote_exactness"] in (1.0, None)
    if right and cited:
        return ""
    if retrieved is False:
        return "not retrieved"
    if answer.abstained:
        return "wrongly abstained"
    if not read and not right:
        return "retrieved but not read"
    return "citation wrong" if right else "read but badly written"


# --- which chunks are relevant --------------------------------------------------------------------


def _relevant(gold: Gold, library: Library) -> dict[str, int]:
    """The grades, by their ids, of the articles that were judged; else those that hold evidence.

    Evidence counts in the article that the gold speaks of, if it speaks of one.
    """
    kept = _articles(library, library.generation)
    if gold.relevant:
        named = [(plain(name).casefold(), grade) for name, grade in gold.relevant if grade]
        grades = {
            one.article.id: max((grade for name, grade in named if name in one.names), default=0)
            for one in kept
        }
        return {article: grade for article, grade in grades.items() if grade}
    if not gold.evidence:
        return {}
    name = plain(gold.article).casefold() if gold.article else None
    return {
        one.article.id: 1
        for one in kept
        if (name is None or name in one.names) and any(e in one.text for e in gold.evidence)
    }


def _grades(gold: Gold, hits: Sequence[Hit], relevant: Mapping[str, int]) -> list[int]:
    """Of the chunks found, best first; where whole articles are relevant, each article once.

    No chunk of an article that holds no whole piece of evidence is relevant, though it may have a
    part of one: `_existing` does not count it.
    """
    if gold.relevant:
        return [relevant.get(id_, 0) for id_ in dict.fromkeys(hit.article.id for hit in hits)]
    return [grade(h.chunk.text, gold.evidence) if h.article.id in relevant else 0 for h in hits]


def _existing(gold: Gold, library: Library, relevant: Mapping[str, int]) -> list[int]:
    """The grades of the relevant chunks (or articles) that the library has."""
    if gold.relevant or not relevant:
        return list(relevant.values())
    chunks = library.chunks(library.chunk_ids(set(relevant)))
    found = [grade(chunk.text, gold.evidence) for chunk in chunks.values()]
    return [value for value in found if value]


@dataclass(frozen=True, slots=True)
class _Named:
    """An article, the names it goes by, and its text made plain."""

    article: Article
    names: frozenset[str]
    text: str


@lru_cache(maxsize=2)
def _articles(library: Library, generation: int) -> tuple[_Named, ...]:
    """All of them: to make their texts plain takes longer than any search in them."""
    found = library.articles_by_id(a.id for a in library.listed()).values()
    return tuple(_Named(a, names_of(a.id, a.title, a.sources), plain(a.text)) for a in found)
