"""What the reader learns to follow a conversation from: questions that lean on what was said."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import rows_of
from reading_data import Example, reading

from rag.chunking import sentence_at
from rag.gold import fifteenth
from rag.stemming import content_stems

SETS = {"canard_train": 22_000, "gecor": 2_300}
_FROM = {"squad_train_part": 4_000, "squadshifts_new_wiki": 3_000}
_UNTITLED = 0.3  # of the conversations: the articles cited so far may have no one topic
_APART = 4  # questions of one article that stand so near are asked one after the other


@dataclass(frozen=True, slots=True)
class Leaning:
    """A question, what was said before it (newest first), and the words of that which it needs.

    Words in small letters; none where it stands alone.
    """

    question: str
    title: str
    said: str
    needed: frozenset[str]


def leanings(folder: Path, seed: int) -> list[Leaning]:
    """All that trains, in one fixed order."""
    draw = random.Random(seed)
    found: list[Leaning] = []
    for name, most in SETS.items():
        every = list(rewritten(folder, name, draw))
        found += every if len(every) <= most else draw.sample(every, most)
    for name, most in _FROM.items():
        found += list(built([e for e in reading(folder, name) if e.spans], draw))[:most]
    draw.shuffle(found)
    return found


def rewritten(folder: Path, name: str, draw: random.Random) -> Iterator[Leaning]:
    """People's rewritings. A conversation's topic is what its first one has put in."""
    topic = ""
    for row in rows_of(folder, f"conversation/{name}"):
        if is_kept(row["id"]):
            continue
        turns = [(t["question"], _answer(t)) for t in row["history"]]
        if not turns:
            topic = _longest_name(row["standalone"])
            continue
        title = "" if draw.random() < _UNTITLED or name != "canard_train" else topic
        yield leaning(row["question"], title, turns, row["standalone"])


def is_kept(row_id: str) -> bool:
    """Whether the conversation is one of those that the rules' thresholds are chosen on."""
    return fifteenth(row_id.partition("-")[0]) == 14


def leaning(
    question: str, title: str, turns: Sequence[tuple[str, str]], standalone: str
) -> Leaning:
    said = talk_text(turns)
    own = words(question)
    new = {w for w in words(standalone) - own if content_stems(w)}
    return Leaning(question, title, said, frozenset(new & words(f"{title} {said}")))


def _answer(turn: dict[str, Any]) -> str:
    return turn.get("answer") or " ".join(turn.get("answer_words") or ())


def talk_text(turns: Sequence[tuple[str, str]]) -> str:
    """Questions and answers, given oldest first, as the reader sees them: newest first."""
    return " ".join(f"{question} {answer}".strip() for question, answer in reversed(turns))


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", re.sub(r"['’]s\b", "", text.casefold())))


_NAMES = re.compile(r"(?<=\w )[A-Z][\w’-]+(?: (?:of |the |and the )?[A-Z][\w’-]+)*")


def _longest_name(text: str) -> str:
    return max(_NAMES.findall(text), key=len, default="")


# --- conversations made of questions on one article -----------------------------------------------


def built(found: Sequence[Example], draw: random.Random) -> Iterator[Leaning]:
    """Questions asked one after the other, the later without a name that was said before."""
    for i, e in enumerate(found[_APART:], start=_APART):
        before = [b for b in found[i - _APART : i] if b.title == e.title]
        if not before:
            continue
        asked = draw.sample(before, draw.randint(1, min(2, len(before))))
        turns = [(b.question, _told(b, draw)) for b in asked]
        title = "" if draw.random() < _UNTITLED else e.title
        said = f"{title} {talk_text(turns)}".casefold()
        names = [m for m in _NAMES.finditer(e.question) if m[0].casefold() in said]
        if not names or draw.random() < 0.2:
            yield leaning(e.question, title, turns, e.question)
            continue
        name = draw.choice(names)
        yield leaning(_without(e, name, draw), title, turns, e.question)


def _told(example: Example, draw: random.Random) -> str:
    span = example.spans[0]
    whole = sentence_at(example.passage, span) if draw.random() < 0.7 else span
    return example.passage[slice(*whole)]


def _without(example: Example, name: re.Match[str], draw: random.Random) -> str:
    """The question with a pronoun for the name, or without the words that have it."""
    question, (start, end) = example.question, name.span()
    of = re.search(r" (?:of|in|for|at|by|from|to|with|on) (?:the )?$", question[:start])
    if of and draw.random() < 0.4:
        return question[: of.start()] + question[end:]
    word = _pronoun(example.passage)
    the = re.search(r"\bthe $", question[:start])
    start = the.start() if the else start
    if own := re.match(r"['’]s?\b", question[end:]):
        owned = {"he": "his", "she": "her", "it": "its", "they": "their"}[word]
        return question[:start] + owned + question[end + own.end() :]
    objects = {"he": "him", "she": "her", "it": "it", "they": "them"}
    word = objects[word] if of else word
    return question[:start] + word + question[end:]


def _pronoun(passage: str) -> str:
    """The one that the passage has most of."""
    kinds = {"he": r"he|his|him", "she": r"she|her", "it": r"its?", "they": r"they|their|them"}
    counts = {k: len(re.findall(rf"\b(?:{p})\b", passage, re.I)) for k, p in kinds.items()}
    counts["it"] += 1
    return max(counts, key=counts.__getitem__)
