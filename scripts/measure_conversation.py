"""What is made of follow-up questions: `scripts/measure_conversation.py ../shared/data`.

Held against people's rewritings, of two sets that no rule was written from, with 95 % intervals;
and beside it what needs no rules: the question as asked, with the one before it, with the title.

With `--gold GOLD.jsonl --library DIR` conversations are made of gold questions and asked: of two
that name their article's subject the second has "it" in its place. How many find their evidence
among five chunks, and how good the short answers are, is held against the question as it was.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.answer import Turn
from rag.conversation import plainly, standalone_question
from rag.facts import names, numbers
from rag.intervals import Interval, bootstrap, ratio
from rag.metrics import token_f1
from rag.stemming import content_stems

SETS = ("canard_dev", "trec_cast")


@dataclass(frozen=True, slots=True)
class Row:
    """A question of a conversation and a person's rewriting of it.

    `sources` is all that a rewriting may take its words from.
    """

    question: str
    history: tuple[Turn, ...]
    titles: tuple[str, ...]
    human: str
    changed: bool
    sources: str


Way = Callable[[Row], str]


def by_rules(row: Row) -> str:
    turns = [replace(turn, titles=tuple(row.titles)) for turn in row.history]
    return standalone_question(plainly(row.question), turns)


def as_asked(row: Row) -> str:
    return row.question


def with_the_last(row: Row) -> str:
    return f"{row.history[-1].question} {row.question}"


def with_the_title(row: Row) -> str:
    return " ".join((row.question, *row.titles))


WAYS: dict[str, Way] = {
    "rules": by_rules,
    "as asked": as_asked,
    "last question + this": with_the_last,
    "this + title": with_the_title,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--gold", type=Path, help="questions to make conversations of")
    parser.add_argument("--library", type=Path, help="with their articles")
    given = parser.parse_args()
    if given.gold and given.library:
        asked_of(given.library, [json.loads(line) for line in given.gold.open(encoding="utf-8")])
        return 0
    for name in SETS:
        rows = list(read_rows(given.folder / "conversation" / f"{name}.jsonl.gz"))
        print(f"{name}: {len(rows)} questions with a history")
        for way, rewritten in WAYS.items():
            started = time.perf_counter()
            ours = [rewritten(row) for row in rows]
            each_ms = 1000 * (time.perf_counter() - started) / len(rows)
            print(f"  {way} ({each_ms:.2f} ms each)")
            for what, interval in figures(rows, ours):
                print(f"    {what:<52}{_told(interval)}", flush=True)
    return 0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A gold question, the one that is asked before it, and itself with "it" for the subject."""

    gold: dict[str, Any]
    before: str
    text: str


def follow_ups(golds: Sequence[dict[str, Any]]) -> Iterator[FollowUp]:
    last: dict[str, str] = {}
    for gold in golds:
        subject = re.escape(re.sub(r" \(.*", "", gold["article"]))
        named = re.compile(rf"(?P<before>{_BEFORE})(?:the )?{subject}(?P<own>['’]s)?{_AFTER}", re.I)
        if not named.search(gold["question"]):
            continue
        if before := last.get(gold["article"]):
            text = named.sub(_pronoun, gold["question"])
            yield FollowUp(gold, before, text[0].upper() + text[1:])
        last[gold["article"]] = gold["question"]


# The subject alone, and no part of a longer name: not "which iPod product", not "male dogs".
_BEFORE = (
    r"(?:^|\b(?:of|in|to|from|for|with|by|on|at|into|around|about|is|are|was|were|do|does|did|has|"
    r"have|had|can|could|will|and|than|when|that|which|praised|called|made) )"
)
_AFTER = (
    r"(?=[?,.]|$|(?(own) \w| (?:is|are|was|were|do|does|did|has|have|had|can|could|will|in|on|"
    r"at|to|for|with|by|from|and|currently|lack|establish|begin|made|use)\b))"
)


def _pronoun(named: re.Match[str]) -> str:
    return named["before"] + ("its" if named["own"] else "it")


def asked_of(folder: Path, golds: Sequence[dict[str, Any]]) -> None:
    from rag.answer import turn_of
    from rag.answering import ask, open_engine

    engine = open_engine(folder, writer="quote")
    made = list(follow_ups(golds))
    print(f"{len(made)} follow-ups")
    found: dict[str, list[tuple[float, float]]] = {}
    for f in made:
        history = [turn_of(ask(f.before, engine))]
        ways = {
            "the question as it was": ask(f.gold["question"], engine),
            "follow-up, resolved": ask(f.text, engine, history=history),
            "follow-up as asked": ask(f.text, engine),
            "last question + this": ask(f"{f.before} {f.text}", engine),
        }
        for way, answer in ways.items():
            chunks = engine.library.chunks([r.chunk_id for r in answer.retrieved[:5]])
            texts = [" ".join(c.text.split()) for c in chunks.values()]
            at = any(" ".join(e.split()) in text for e in f.gold["evidence"] for text in texts)
            f1 = token_f1(answer.short_answer or "", f.gold["answers"])
            found.setdefault(way, []).append((float(at), f1 or 0.0))
    for way, scores in found.items():
        success, f1s = (bootstrap([s[i] for s in scores]) for i in (0, 1))
        print(f"  {way:<26}success@5 {_told(success)}  short F1 {_told(f1s)}")


def read_rows(path: Path) -> Iterator[Row]:
    """The questions of a set that something was said before."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        values = [json.loads(line) for line in file]
    for value in values:
        turns = tuple(Turn(t["question"], t.get("answer") or "") for t in value["history"])
        topic = value.get("topic") or []
        sources = "\n".join([*topic, *(f"{t.question}\n{t.answer}" for t in turns)])
        if turns:
            human, changed = value["standalone"], value["changed"]
            yield Row(value["question"], turns, tuple(topic[:1]), human, changed, sources)


def figures(rows: Sequence[Row], ours: Sequence[str]) -> Iterator[tuple[str, Interval | None]]:
    """Each figure of the rewritings with what it says."""
    pairs = list(zip(rows, ours, strict=True))
    yield "names and numbers restored", ratio([restored(r, o) for r, o in pairs])
    yield "names and numbers added that no person has", ratio([strange(r, o) for r, o in pairs])
    yield "content words added that no person has", ratio([strange_words(r, o) for r, o in pairs])
    ours_longer, humans = (
        [_longer(r, t) for r, t in zip(rows, texts, strict=True)]
        for texts in (ours, [r.human for r in rows])
    )
    yield "times as long as a person's", ratio(list(zip(ours_longer, humans, strict=True)))
    left = [float(o != r.question) for r, o in pairs if not r.changed]
    yield "changed where the person changed nothing", bootstrap(left)
    nameless = [float(o != r.question) for r, o in pairs if not added(r, r.human)]
    yield "changed where the person adds no name or number", bootstrap(nameless)
    yield "changed at all", bootstrap([float(o != r.question) for r, o in pairs])


def restored(row: Row, ours: str) -> tuple[float, float]:
    """How many of the names and numbers a rewriting needs it has, and how many it needs."""
    wanted = added(row, row.human) & _words(row.sources)
    return len(wanted & _words(ours)), len(wanted)


def strange(row: Row, ours: str) -> tuple[float, float]:
    """How many of the names and numbers that were added no person's rewriting has; of how many."""
    new = added(row, ours)
    return len(new - _words(row.human)), len(new)


def strange_words(row: Row, ours: str) -> tuple[float, float]:
    """The same of all words but stop words, by their stems."""
    new = set(content_stems(ours)) - set(content_stems(row.question))
    return len(new - set(content_stems(row.human))), len(new)


def added(row: Row, text: str) -> set[str]:
    """The names and numbers of a rewriting that the question lacks."""
    found = {word for name in names(text) for word in _words(name)}
    return (found | set(numbers(text))) - _words(row.question)


def _words(text: str) -> set[str]:
    words = re.findall(r"[^\W_]+", re.sub(r"['’]s?\b", "", text.casefold()))
    return {*words, *numbers(text)}


def _longer(row: Row, text: str) -> float:
    return len(text.split()) / max(1, len(row.question.split()))


def _told(value: Interval | None) -> str:
    if value is None:
        return "no case"
    return f"{value.mean:.3f} ({value.low:.3f}–{value.high:.3f})  n {value.n}"


if __name__ == "__main__":
    sys.exit(main())
