"""Gold: questions of which the right answer is known; all that is measured is measured with them.

Its own format is JSON lines (docs/contract.md); SQuAD's and BEIR's are read beside it. A person
writes gold for their own articles with `write_new`, or makes it of their feedback in the chat.
"""

import codecs
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.answer import Turn
from rag.articles import Article
from rag.chats import Chats, Rated
from rag.chunking import Span, sentences
from rag.cleaning import regular
from rag.errors import BadInput, StorageFull, printable
from rag.library import Library

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


@dataclass(frozen=True, slots=True)
class Document:
    """A text that gold came with, to be made an article of. No other has its title."""

    title: str
    text: str
    outlet: str | None = None
    published: date | None = None


def plain(text: str) -> str:
    """`text` as articles have theirs, on one line: so are words compared with an article's."""
    return " ".join(regular(text).split())


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
    if row.get("answerable") is True and not (row.get("answers") or row.get("relevant")):
        yield "answerable, but without answers"
    if row.get("answerable") is False and row.get("answers"):
        yield "unanswerable, but with answers"


def _is_text(value: object) -> bool:
    """True for what has letters, and all of them such as UTF-8 has a place for."""
    with suppress(UnicodeEncodeError):
        return isinstance(value, str) and bool(value.encode().strip())
    return False


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_turns(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(turn, dict) and _is_text(turn.get("question")) and _is_text(turn.get("answer"))
        for turn in value
    )


def _are_grades(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_text(name) and type(grade) is int and grade >= 0 for name, grade in value.items()
    )


_SHAPES: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (_is_text, "a text"),
    "question": (_is_text, "a text"),
    "answers": (_are_texts, "a list of texts"),
    "evidence": (_are_texts, "a list of texts"),
    "article": (_is_text, "a text"),
    "answerable": (lambda value: isinstance(value, bool), "true or false"),
    "history": (_are_turns, 'a list of {"question": …, "answer": …}'),
    "kind": (_is_text, "a text"),
    "relevant": (_are_grades, "articles with whole numbers"),
}


# --- reading files -------------------------------------------------------------------------------

Fault = tuple[int, str]  # the line, from 1, and what is wrong there


def read_gold(file: Path) -> list[Gold]:
    """The questions in a file of JSON lines. Raises one BadInput that names every fault's line."""
    rows, faults = _rows(file)
    found: list[Gold] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        try:
            gold = from_json(row)
        except BadInput as error:
            faults += [(line, fault) for fault in str(error).split("\n")]
            continue
        if gold.id in lines:
            faults.append((line, f"its id {printable(gold.id)} is line {lines[gold.id]}'s too"))
        lines.setdefault(gold.id, line)
        found.append(gold)
    refuse(file, [f"line {line}: {fault}" for line, fault in sorted(faults)])
    if not found:
        raise BadInput(
            f"{printable(str(file))}: holds no question; write one with `rag eval --new`."
        )
    return found


def _rows(file: Path) -> tuple[list[tuple[int, dict[str, Any]]], list[Fault]]:
    """The objects in a file of JSON lines, each with its line, and what of it is none."""
    rows: list[tuple[int, dict[str, Any]]] = []
    faults: list[Fault] = []
    data = _bytes(file).removeprefix(codecs.BOM_UTF8)
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


def _bytes(file: Path) -> bytes:
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


def missing_evidence(gold: Iterable[Gold], library: Library) -> list[str]:
    """What the gold speaks of and the library has not, each with the question's id.

    That is evidence that stands in no article, white space aside, and articles under no such name.
    """
    listed = library.listed()
    found = library.articles_by_id(a.id for a in listed).values()
    texts = [plain(article.text) for article in found]
    names = {name.casefold() for a in listed for name in (a.id, plain(a.title), *_files(a.sources))}
    missing = []
    for one in gold:
        for words in one.evidence:
            if not any(plain(words) in text for text in texts):
                missing.append(f"{one.id}: {words!r} stands in no article")
        for name in filter(None, (one.article, *(name for name, _ in one.relevant))):
            if plain(name).casefold() not in names:
                missing.append(f"{one.id}: no article {name!r}")
    return list(map(printable, missing))


def _files(sources: Iterable[str]) -> Iterator[str]:
    for source in sources:
        yield from (source, Path(source).name)


# --- what others write ---------------------------------------------------------------------------


def read_squad(file: Path) -> tuple[list[Document], list[Gold]]:
    """The articles and questions of a SQuAD file, 1.1 or 2.0 (Rajpurkar et al. 2016, 2018).

    An article's paragraphs are joined by blank lines; evidence is the sentence that holds the
    answer. Raises one BadInput that names every fault's place.
    """
    contexts: dict[str, dict[str, None]] = {}
    gold: dict[str, Gold] = {}
    faults: list[str] = []
    for where, title, context, question in _squad_questions(file):
        contexts.setdefault(title, {})[context] = None
        try:
            one = from_json(_squad_row(question, title, context))
        except BadInput as error:
            faults += [f"{where}: {fault}" for fault in str(error).split("\n")]
        except (KeyError, TypeError, AttributeError):
            faults.append(f"{where}: not a question as SQuAD has it")
        else:
            if one.id in gold:
                faults.append(f"{where}: its id {one.id} is another's too")
            gold[one.id] = one
    refuse(file, faults or ([] if gold else ["no question in it"]))
    documents = [Document(title, "\n\n".join(parts)) for title, parts in contexts.items()]
    return documents, list(gold.values())


def _squad_questions(file: Path) -> Iterator[tuple[str, str, str, Any]]:
    """(place, title, context, question) of each, as they come."""
    try:
        data = json.loads(_bytes(file).decode("utf-8-sig"))["data"]
        for i, article in enumerate(data):
            title = as_title(article["title"])
            for j, paragraph in enumerate(article["paragraphs"]):
                for k, question in enumerate(paragraph["qas"]):
                    where = f"data[{i}].paragraphs[{j}].qas[{k}]"
                    yield where, title, paragraph["context"].strip(), question
    except UnicodeDecodeError:
        refuse(file, ["not UTF-8"])
    except json.JSONDecodeError as error:
        refuse(file, [f"line {error.lineno}: not JSON"])
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        refuse(file, [f"not as SQuAD has it, data, paragraphs, qas ({error!r})"])


def _squad_row(question: Any, title: str, context: str) -> dict[str, Any]:
    """The question in our own format."""
    impossible = question.get("is_impossible", False)
    answers = [] if impossible else question["answers"]
    carrying = [sentence_with(a["text"], context, near=a["answer_start"]) for a in answers]
    return {
        "id": question["id"],
        "question": question["question"],
        "answers": list(dict.fromkeys(answer["text"] for answer in answers)),
        "evidence": list(dict.fromkeys(carrying)),
        "article": title,
        "answerable": not impossible,
    }


def sentence_with(words: str, text: str, near: int) -> str:
    """The sentence, or sentences, of `text` in which the words stand, as an article has them.

    Where they stand in several places, the one nearest to the character `near` is meant. Raises
    BadInput where they stand in none.
    """
    text, sought = regular(text), regular(words)
    places = [m.start() for m in re.finditer(re.escape(sought), text)] if sought else []
    if not places:
        raise BadInput(f"the answer {words!r} does not stand in its paragraph")
    start = min(places, key=lambda place: abs(place - near))
    end = start + len(sought)
    touched = [(a, b) for a, b in _sentences(text) if a < end and start < b]
    return plain(text[touched[0][0] : touched[-1][1]])


@lru_cache(maxsize=8)  # a passage has many questions, which come together
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentences(text))


def as_title(text: str) -> str:
    """A title as an article's own first lines can say it: one line, not in quotation marks.

    >>> as_title("University_of_Notre_Dame")
    'University of Notre Dame'
    """
    return plain(text.replace("_", " ")).strip("\"' ")


def read_beir(folder: Path) -> tuple[list[Document], list[Gold]]:
    """The documents of a BEIR folder (Thakur et al. 2021), and its queries that were judged.

    Of several judgements, `qrels/test.tsv` counts. `relevant` has the titles of the documents;
    where a title is missing or another's too, it is, or ends in, the document's id. Raises one
    BadInput that names every fault's file and line.
    """
    corpus, corpus_faults = _beir_rows(folder / "corpus.jsonl", may_be_blank=True)
    queries, query_faults = _beir_rows(folder / "queries.jsonl", may_be_blank=False)
    qrels = _qrels_file(folder)
    grades, qrel_faults = _grades(qrels, set(queries), set(corpus))
    refuse(folder, [*corpus_faults, *query_faults, *qrel_faults])
    documents = _beir_documents(corpus)
    gold = [
        Gold(
            id=query,
            question=queries[query]["text"],
            answers=(),
            evidence=(),
            article=None,
            answerable=any(judged.values()),
            history=(),
            kind=None,
            relevant=tuple((documents[name].title, grade) for name, grade in judged.items()),
        )
        for query, judged in grades.items()
    ]
    refuse(qrels, [] if gold else ["no judgement in it"])
    return list(documents.values()), gold


def _beir_rows(file: Path, *, may_be_blank: bool) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The rows by their ids, and faults."""
    rows, faults = _rows(file)
    found: dict[str, dict[str, Any]] = {}
    for line, row in rows:
        text = row.get("text")
        if not (_is_text(row.get("_id")) and (_is_text(text) or (may_be_blank and text == ""))):
            faults.append((line, "no _id or no text"))
        elif row["_id"] in found:
            faults.append((line, f"its _id {row['_id']} is another's too"))
        else:
            found[row["_id"]] = row
    return found, [f"{file.name} line {line}: {fault}" for line, fault in sorted(faults)]


def _qrels_file(folder: Path) -> Path:
    """`qrels/test.tsv`, else the first in the order of names. Raises BadInput without any."""
    files = sorted((folder / "qrels").glob("*.tsv"), key=lambda f: (f.name != "test.tsv", f.name))
    if not files:
        raise BadInput(f"{printable(str(folder))}: no qrels/*.tsv in it; name a BEIR folder.")
    return files[0]


def _grades(
    file: Path, queries: set[str], documents: set[str]
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """For each query the grades of documents, and faults."""
    grades: dict[str, dict[str, int]] = {}
    faults = []
    lines = _bytes(file).decode("utf-8-sig", "replace").split("\n")
    for number, line in enumerate(lines, start=1):
        cells = line.strip().split("\t")
        if not line.strip() or (number == 1 and cells[0] == "query-id"):
            continue
        if len(cells) != 3 or not re.fullmatch(r"-?\d{1,9}", cells[2]):
            faults.append(f"{file.name} line {number}: not query, document and grade")
        elif cells[0] not in queries or cells[1] not in documents:
            faults.append(f"{file.name} line {number}: no such query or document")
        else:
            grades.setdefault(cells[0], {})[cells[1]] = max(0, int(cells[2]))
    return grades, faults


def _beir_documents(corpus: dict[str, dict[str, Any]]) -> dict[str, Document]:
    titles = {name: as_title(str(row.get("title") or "")) for name, row in corpus.items()}
    known = Counter(title.casefold() for title in titles.values())
    return {
        name: Document(
            title if title and known[title.casefold()] == 1 else as_title(f"{title} {name}"),
            row["text"] or title,
        )
        for (name, row), title in zip(corpus.items(), titles.values(), strict=True)
    }


def write_articles(documents: Iterable[Document], folder: Path) -> list[Path]:
    """A text file in `folder` for each, which `rag ingest` reads. Raises StorageFull."""
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for n, document in enumerate(documents, start=1):
            slug = re.sub(r"[^a-z0-9]+", "-", document.title.lower())[:60].strip("-")
            facts = {
                "title": document.title,
                "outlet": document.outlet,
                "published": document.published and document.published.isoformat(),
            }
            front = "".join(f"{name}: {fact}\n" for name, fact in facts.items() if fact)
            files.append(folder / f"{n:05}-{slug or 'untitled'}.txt")
            files[-1].write_text(f"{front}\n{document.text}\n", "utf-8", "replace", newline="\n")
    except OSError as error:
        raise StorageFull(str(folder), error.strerror or str(error)) from error
    return files


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
# same articles. The last may not be trained on, whatever the article.
_KEPT = {
    "unanswerable/squad2_questions": 5,
    "reading/squad_train_part": 5,
    "retrieval/newsquiz_allsides": 15,
}
_FIFTH = 3


def is_dev(set_name: str, title: str) -> bool:
    """Whether what a set has of this article is kept to measure with: then it trains nothing.

    Sets are named by their files, "reading/policyqa"; what was made from one counts as of that one.
    The title's hash decides, so an article that is kept in one set is in any that keeps more.
    """
    key = as_title(title).casefold().encode()
    return int.from_bytes(hashlib.sha256(key).digest()) % 15 < _KEPT.get(set_name, _FIFTH)


# --- made by a person ----------------------------------------------------------------------------

Say = Callable[[str], object]
Read = Callable[[str], str | None]  # what was typed after a prompt; None when there is no more

NOT_SAID = "-"
_HELP = (
    "Alternatives of an answer are parted by |, and - says that the articles do not say.\n"
    "An empty line leaves out; the end of input (Ctrl-D) ends, and what was written stays."
)


class _Ended(Exception):
    """The person has written enough."""


def write_new(library: Library, out: Path, say: Say, read: Read) -> int:
    """Asks a person for gold on each article and appends it to `out`: how many questions.

    Articles with the fewest come first. Raises BadInput where `out` is there and is no gold.
    """
    known = _known(out)
    added = 0
    say(_HELP)
    with suppress(_Ended):
        for article in _least_asked(library, known.values()):
            say(f"\n{article.title}\n\n{article.text}\n")
            for gold in _asked_of(article, known, say, read):
                _append(gold, out)
                known[_key(gold.question)] = gold
                added += 1
    return added


def _least_asked(library: Library, known: Iterable[Gold]) -> Iterator[Article]:
    """One at a time: a library may be large."""
    asked = Counter(plain(gold.article).casefold() for gold in known if gold.article)
    for listed in sorted(library.listed(), key=lambda a: asked[plain(a.title).casefold()]):
        yield library.article(listed.id)


def _asked_of(article: Article, known: dict[str, Gold], say: Say, read: Read) -> Iterator[Gold]:
    """Questions on the article until an empty one. Raises _Ended."""
    while question := _typed(read, "question: "):
        if _key(question) in known:
            say("That question is in the file already.")
            continue
        answer = _typed(read, "answer: ")
        if answer == NOT_SAID:
            yield _made(question, (), (), article.title)
        elif (answers := _alternatives(answer)) and (words := _words_of(article, say, read)):
            yield _made(question, answers, (words,), article.title)


def _words_of(article: Article, say: Say, read: Read) -> str:
    """Words that stand in the article, asked for until they do, or none. Raises _Ended."""
    while words := _typed(read, "the words that carry it, copied from the article: "):
        if words in plain(article.text):
            return words
        say("These words do not stand there, letter for letter. Copy them from the text above.")
    return ""


def from_feedback(chats: Chats, out: Path, say: Say, read: Read) -> int:
    """Makes gold of rated answers, asking for what is missing, and appends it: how many questions.

    What is right is cited as evidence; what is wrong is asked for. Questions that `out` has already
    are passed over. Raises BadInput where `out` is there and is no gold.
    """
    known = _known(out)
    added = 0
    say(_HELP)
    with suppress(_Ended):
        for rated in chats.feedback():
            question = plain(rated.answer.standalone_question)
            if _key(question) in known:
                continue
            if gold := _of_rated(question, rated, say, read):
                _append(gold, out)
                known[_key(question)] = gold
                added += 1
    return added


def _of_rated(question: str, rated: Rated, say: Say, read: Read) -> Gold | None:
    """None where the person leaves it out. Raises _Ended."""
    answer = rated.answer
    if rated.verdict == "up" and answer.abstained:
        return _made(question, (), (), None)
    say(f"\n{question}\n{answer.answer}\n")
    if rated.verdict == "up":
        for citation in answer.citations:
            say(f"[{citation.n}] {citation.title}: “{citation.quote}”")
        short = _typed(read, "the fewest words that answer: ")
        quotes = tuple(dict.fromkeys(plain(c.quote) for c in answer.citations))
        titles = {citation.title for citation in answer.citations}
        article = titles.pop() if len(titles) == 1 else None
    else:
        say(f"It was called wrong: {rated.reason or 'no reason given'}")
        short = _typed(read, "what would be right: ")
        quotes, article = (), None
    if short == NOT_SAID:
        return _made(question, (), (), None)
    answers = _alternatives(short)
    return _made(question, answers, quotes, article) if answers else None


def _typed(read: Read, prompt: str) -> str:
    """What was typed, as articles have their text. Raises _Ended at the end of input."""
    line = read(prompt)
    if line is None:
        raise _Ended
    return plain(line)


def _alternatives(answer: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.strip() for a in answer.split("|") if a.strip()))


def _made(
    question: str, answers: tuple[str, ...], evidence: tuple[str, ...], article: str | None
) -> Gold:
    return Gold(
        id=hashlib.sha256(_key(question).encode()).hexdigest()[:12],
        question=question,
        answers=answers,
        evidence=evidence,
        article=article,
        answerable=bool(answers),
        history=(),
        kind=None,
        relevant=(),
    )


def _known(out: Path) -> dict[str, Gold]:
    """What the file has, by question. Raises BadInput."""
    has_some = out.exists() and _bytes(out).strip()
    return {_key(gold.question): gold for gold in read_gold(out)} if has_some else {}


def _key(question: str) -> str:
    return plain(question).casefold()


def _append(gold: Gold, out: Path) -> None:
    """Adds a line of its own, also to a file whose last has no end. Raises StorageFull."""
    line = json.dumps(to_json(gold), ensure_ascii=False) + "\n"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("a+b") as file:
            file.seek(max(0, file.seek(0, 2) - 1))
            gap = b"" if file.read() in (b"", b"\n") else b"\n"
            file.write(gap + line.encode())
    except OSError as error:
        raise StorageFull(str(out), error.strerror or str(error)) from error
