"""Gold: questions of which the right answer is known; all that is measured is measured with them.

Its own format is JSON lines (docs/contract.md). `importing` reads SQuAD's and BEIR's; with
`annotating` a person writes it for their own articles.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.answer import Turn
from rag.answering import checked
from rag.cleaning import regular
from rag.errors import BadInput, StorageFull, printable
from rag.library import Library

_HIGHEST = 1_000_000  # grade
_SHOWN = 20  # faults of one file that are told; who made that many made them all in one way


@dataclass(frozen=True, slots=True)
class Gold:
    """A question and what is right of it.

    `answers` are alternatives, `evidence` words that stand in an article, `article` its title or
    file name. `relevant` has articles by name with a grade, 0 for one that is not: then answers
    may be missing. An unanswerable question has none.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    article: str | None
    answerable: bool
    history: tuple[Turn, ...]
    kind: str | None
    relevant: tuple[tuple[str, int], ...]


def plain(text: str) -> str:
    """`text` as articles have theirs, on one line: so are words compared with an article's."""
    return " ".join(regular(text).split())


def as_title(text: str) -> str:
    """A title as an article's own first lines can say it: one line, not in quotation marks.

    >>> as_title("University_of_Notre_Dame")
    'University of Notre Dame'
    """
    return plain(text.replace("_", " ")).strip("\"' ")


def to_json(gold: Gold) -> dict[str, object]:
    """As docs/contract.md has it; what there is nothing of is left out."""
    value: dict[str, object] = {
        "id": gold.id,
        "kind": gold.kind,
        "question": gold.question,
        "answers": list(gold.answers),
        "evidence": list(gold.evidence),
        "article": gold.article,
        "answerable": gold.answerable,
        "history": [{"question": t.question, "answer": t.answer} for t in gold.history],
        "relevant": dict(gold.relevant),
    }
    return {k: v for k, v in value.items() if k == "answers" or v not in (None, [], {})}


def from_json(row: dict[str, Any]) -> Gold:
    """Raises BadInput, a line a fault, when `row` is no gold question."""
    if faults := list(_faults(row)):
        raise BadInput("\n".join(faults))
    return Gold(
        id=row["id"],
        question=row["question"],
        answers=tuple(row.get("answers") or ()),
        evidence=tuple(row.get("evidence") or ()),
        article=row.get("article"),
        answerable=row["answerable"],
        history=tuple(Turn(t["question"], t["answer"]) for t in row.get("history") or ()),
        kind=row.get("kind"),
        relevant=tuple((row.get("relevant") or {}).items()),
    )


def _faults(row: dict[str, Any]) -> Iterator[str]:
    missing = [name for name in ("id", "question", "answerable") if row.get(name) in (None, "")]
    yield from (f"no {name}" for name in missing)
    for name, (is_right, what) in _SHAPES.items():
        if name not in missing and row.get(name) is not None and not is_right(row[name]):
            yield f"{name} is not {what}"
    if is_text(row.get("question")) and (fault := why_unaskable(row["question"])):
        yield fault
    graded = _are_grades(row.get("relevant")) and any(row["relevant"].values())
    if row.get("answerable") is True and not (row.get("answers") or graded):
        yield "answerable, but without answers"
    if row.get("answerable") is False and row.get("answers"):
        yield "unanswerable, but with answers"


def why_unaskable(question: str) -> str:
    """Why nobody could ask this; empty when they can."""
    try:
        checked(question)
    except BadInput as error:
        return str(error)
    return ""


def is_text(value: object) -> bool:
    """True for what has letters, and all of them such as UTF-8 has a place for."""
    with suppress(UnicodeEncodeError):
        return isinstance(value, str) and bool(value.encode().strip())
    return False


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def _are_turns(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(turn, dict) and is_text(turn.get("question")) and is_text(turn.get("answer"))
        for turn in value
    )


def _are_grades(value: object) -> bool:
    return isinstance(value, dict) and all(
        is_text(name) and type(grade) is int and 0 <= grade <= _HIGHEST
        for name, grade in value.items()
    )


_SHAPES: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (is_text, "a text"),
    "question": (is_text, "a text"),
    "answers": (_are_texts, "a list of texts"),
    "evidence": (_are_texts, "a list of texts"),
    "article": (is_text, "a text"),
    "answerable": (lambda value: isinstance(value, bool), "true or false"),
    "history": (_are_turns, 'a list of {"question": …, "answer": …}'),
    "kind": (is_text, "a text"),
    "relevant": (_are_grades, f"articles with whole numbers from 0 to {_HIGHEST:,}"),
}


# --- reading files -------------------------------------------------------------------------------

Fault = tuple[int, str]  # the line, from 1, and what is wrong there


def read_gold(file: Path) -> list[Gold]:
    """The questions in a file of JSON lines. Raises one BadInput that names every fault's line."""
    rows, faults = json_lines(file)
    found: list[Gold] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        try:
            gold = from_json(row)
        except BadInput as error:
            faults += [(line, fault) for fault in str(error).split("\n")]
            continue
        if gold.id in lines:
            faults.append((line, f"its id {printable(gold.id, 60)} is line {lines[gold.id]}'s too"))
        lines.setdefault(gold.id, line)
        found.append(gold)
    refuse(file, [f"line {line}: {fault}" for line, fault in sorted(faults)])
    if not found:
        raise BadInput(
            f"{printable(str(file))}: holds no question; write one with `rag eval --new`."
        )
    return found


def json_lines(file: Path) -> tuple[list[tuple[int, dict[str, Any]]], list[Fault]]:
    """The objects in a file of JSON lines, each with its line, and what of it is none."""
    rows: list[tuple[int, dict[str, Any]]] = []
    faults: list[Fault] = []
    data = bytes_of(file).removeprefix(codecs.BOM_UTF8)
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode())
        except UnicodeDecodeError:
            faults.append((number, "not UTF-8"))
        except (ValueError, RecursionError):
            faults.append((number, "not JSON"))
        else:
            if isinstance(row, dict):
                rows.append((number, row))
            else:
                faults.append((number, "not an object, { … }"))
    return rows, faults


def append_line(line: str, file: Path) -> None:
    """Adds a line of its own, also to a file whose last has no end. Raises StorageFull."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+b") as opened:
            opened.seek(max(0, opened.seek(0, 2) - 1))
            gap = b"" if opened.read() in (b"", b"\n") else b"\n"
            opened.write(gap + line.encode() + b"\n")
    except OSError as error:
        raise StorageFull(str(file), error.strerror or str(error)) from error


def bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{printable(str(file))}: {why}; name a readable file.") from error


def refuse(file: Path, faults: Sequence[str]) -> None:
    """Raises BadInput with a line for each fault, if there are any."""
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        head = f"{printable(str(file))}: to be mended before anything is measured:"
        raise BadInput("\n".join([head, *map(printable, faults[:_SHOWN]), *more]))


# --- gold and the library ------------------------------------------------------------------------


def missing_evidence(gold: Iterable[Gold], library: Library) -> Iterator[tuple[str, str]]:
    """What the gold speaks of and the library has not, each after the question's id.

    That is evidence that stands in no article, white space aside, or not in the one that is named,
    and articles under no such name.
    """
    kept = _Kept.of(library)
    for one in gold:
        for words in one.evidence:
            if not kept.says(words):
                yield one.id, f"{printable(words, 200)!r} stands in no article"
            elif one.article and kept.names(one.article) and not kept.says(words, one.article):
                told = printable(words, 200)
                yield one.id, f"{told!r} stands in other articles than {one.article!r}"
        for name in filter(None, (one.article, *(name for name, _ in one.relevant))):
            if not kept.names(name):
                yield one.id, f"no article {name!r}"


def retitled(gold: Gold, titles: Mapping[str, str]) -> Gold:
    """The gold with articles by their other titles: of two with one text, one title is stored."""
    grades: dict[str, int] = {}
    for name, grade in gold.relevant:
        title = titles.get(name, name)
        grades[title] = max(grade, grades.get(title, 0))
    article = titles.get(gold.article, gold.article) if gold.article else None
    return replace(gold, article=article, relevant=tuple(grades.items()))


def with_what_is_kept(gold: Iterable[Gold], library: Library) -> list[Gold]:
    """The gold without evidence and articles that the library has not, such as cleaning took away.

    Questions of which nothing can be found any more are left out: no answer could cite it.
    """
    kept = _Kept.of(library)
    found = []
    for one in gold:
        evidence = tuple(words for words in one.evidence if kept.says(words, one.article))
        relevant = tuple((name, grade) for name, grade in one.relevant if kept.names(name))
        lost = (
            (one.article is not None and not kept.names(one.article))
            or (one.evidence and not evidence)
            or (any(grade for _, grade in one.relevant) and not any(g for _, g in relevant))
        )
        if not lost:
            found.append(replace(one, evidence=evidence, relevant=relevant))
    return found


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a library has: its articles' texts, each with the names that the article goes by."""

    articles: tuple[tuple[str, frozenset[str]], ...]
    known: frozenset[str]

    @classmethod
    def of(cls, library: Library) -> "_Kept":
        listed = library.listed()
        names = {a.id: names_of(a.id, a.title, a.sources) for a in listed}
        articles = library.articles_by_id(names).values()
        return cls(
            articles=tuple((plain(article.text), names[article.id]) for article in articles),
            known=frozenset().union(*names.values()),
        )

    def says(self, words: str, article: str | None = None) -> bool:
        """Whether the words stand in an article, or in one of that name."""
        sought, name = plain(words), plain(article).casefold() if article else None
        return any(sought in text for text, names in self.articles if name is None or name in names)

    def names(self, article: str) -> bool:
        return plain(article).casefold() in self.known


def names_of(article_id: str, title: str, sources: Iterable[str]) -> frozenset[str]:
    """By which gold may speak of an article; a name is held against them plain and casefolded."""
    files = [name for source in sources for name in (source, Path(source).name)]
    return frozenset(name.casefold() for name in (article_id, plain(title), *files))


# --- what is asked, and what is never trained on -------------------------------------------------

_AUXILIARY = (
    "is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must"
)
_TYPES = {
    "how many": "how (?:many|much)",
    "when": "when|(?:what|which) (?:year|date|day|month|century|decade|time)",
    "where": "where|(?:what|which) (?:country|city|town|place|state)",
    "who": "who|whom|whose",
    "why": "why|what (?:caused|is the reason|was the reason)",
    "how": "how",
    "which": "which",
    "what": "what",
    "yes-no": f"(?:{_AUXILIARY})(?:n['’]t)?",
}
_BEFORE = "(?:(?:and|but|so|in|on|at|to|from|for|by|of|with|about|since|until|according) )*"


def question_type(question: str) -> str:
    """`who`, `what`, `when`, `where`, `why`, `how many`, `how`, `which`, `yes-no` or `other`.

    By its first words. Where they ask nothing, by the last question word: "He died in what year?"
    """
    words = plain(question).casefold()
    first = (k for k, asking in _TYPES.items() if re.match(rf"{_BEFORE}(?:{asking})\b", words))
    if kind := next(first, None):
        return kind
    later = {
        found.start(): kind
        for kind, asking in reversed(_TYPES.items())  # so "how many" is not taken for "how"
        if kind != "yes-no"
        for found in re.finditer(rf"\b(?:{asking})\b", words)
    }
    return later[max(later)] if later else "other"


# How many fifteenths of a set's articles are kept to measure with. The two of SQuAD are about the
# same articles. The others are small, or may not be trained on, and are kept whole.
_KEPT = {
    "unanswerable/squad2_questions": 5,
    "reading/squad_train_part": 5,
    "reading/quoref_contrast": 15,
    "retrieval/newsquiz_allsides": 15,
    "multihop/hotpot_sample": 15,
    "cited/quotesum_dev": 15,
}
_FIFTH = 3


def is_dev(set_name: str, title: str) -> bool:
    """Whether what a set has of this article is kept to measure with: then it trains nothing.

    Sets are named by their files, "reading/policyqa"; what was made from one counts as of that one.
    The title's hash decides, so an article that is kept in one set is in any that keeps more.
    """
    return fifteenth(title) < _KEPT.get(set_name, _FIFTH)


def fifteenth(title: str) -> int:
    """Which of fifteen parts, 0 to 14, an article falls into by the hash of its title."""
    key = as_title(title).casefold().encode()
    return int.from_bytes(hashlib.sha256(key).digest()) % 15
