"""Gold that others made, with the articles that it came with: SQuAD files and BEIR folders."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from rag.chunking import Span, sentences
from rag.cleaning import regular
from rag.errors import BadInput, StorageFull, printable
from rag.gold import (
    Gold,
    as_title,
    bytes_of,
    from_json,
    is_text,
    json_lines,
    plain,
    refuse,
    why_unaskable,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Document:
    """A text that gold came with, to be made an article of. No other has its title."""

    title: str
    text: str
    outlet: str | None = None
    published: date | None = None


# --- SQuAD ---------------------------------------------------------------------------------------


def read_squad(file: Path) -> tuple[list[Document], list[Gold]]:
    """The articles and questions of a SQuAD file, 1.1 or 2.0 (Rajpurkar et al. 2016, 2018).

    An article's paragraphs are joined by blank lines; evidence is the sentence that holds the
    answer. Raises one BadInput that names every fault's place.
    """
    contexts: dict[str, dict[str, None]] = {}
    gold: dict[str, Gold] = {}
    faults: list[str] = []
    try:
        for where, title, context, question in _squad_questions(file):
            contexts.setdefault(title, {})[context] = None
            if isinstance(made := _squad_gold(question, title, context), Gold):
                if made.id in gold:
                    faults.append(f"{where}: its id {printable(made.id, 60)} is another's too")
                gold[made.id] = made
            else:
                faults += [f"{where}: {fault}" for fault in made]
    except TypeError as error:  # after which nothing can be read
        faults.append(str(error))
    refuse(file, faults or ([] if gold else ["no question in it"]))
    documents = [Document(title, "\n\n".join(parts)) for title, parts in contexts.items()]
    return documents, list(gold.values())


def _squad_questions(file: Path) -> Iterator[tuple[str, str, str, Any]]:
    """(place, title, context, question) of each, as they come.

    Raises BadInput, and TypeError that names the place that is not as SQuAD has it.
    """
    try:
        whole = json.loads(bytes_of(file).decode("utf-8-sig"))
    except UnicodeDecodeError:
        refuse(file, ["not UTF-8"])
    except json.JSONDecodeError as error:
        refuse(file, [f"line {error.lineno}: not JSON"])
    except (ValueError, RecursionError):
        refuse(file, ["not JSON"])
    for at, article in _members(whole, "data", ""):
        title = as_title(_field(article, "title", str, at))
        for within, paragraph in _members(article, "paragraphs", at):
            context = _field(paragraph, "context", str, within)
            for where, question in _members(paragraph, "qas", within):
                yield where, title, context.strip(), question


def _members(value: Any, name: str, at: str) -> Iterator[tuple[str, Any]]:
    """Each member of a list, with its place. Raises TypeError that says what is no list."""
    listed = _field(value, name, list, at)
    where = f"{at}.{name}" if at else name
    return ((f"{where}[{i}]", member) for i, member in enumerate(listed))


def _field(value: Any, name: str, kind: type[T], at: str) -> T:
    """Raises TypeError that names the place."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind):
        what = "text" if kind is str else "list"
        raise TypeError(f"{at or 'the file'}: no {name} in it that is a {what}, as SQuAD has it")
    return found


def _squad_gold(question: Any, title: str, context: str) -> Gold | list[str]:
    """The question, or what is wrong with it."""
    try:
        return from_json(_squad_row(question, title, context))
    except BadInput as error:
        return str(error).split("\n")
    except (KeyError, TypeError, AttributeError):
        return ["not a question as SQuAD has it"]


def _squad_row(question: Any, title: str, context: str) -> dict[str, Any]:
    """The question in our own format."""
    impossible = question.get("is_impossible", False)
    if not isinstance(impossible, bool):
        raise BadInput("is_impossible is not true or false")
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


# --- BEIR ----------------------------------------------------------------------------------------


def read_beir(folder: Path) -> tuple[list[Document], list[Gold]]:
    """The documents of a BEIR folder (Thakur et al. 2021), and its queries that were judged.

    Of several files of judgements, `qrels/test.tsv` counts. `relevant` has the titles of the
    documents; where a title is missing or another's too, it is, or ends in, the document's id.
    Queries for which no document is relevant are left out, as trec_eval does: that these do not
    answer is not to say that none does. Raises one BadInput that names every fault's file and line.
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
            answerable=True,
            history=(),
            kind=None,
            relevant=tuple((documents[name].title, grade) for name, grade in judged.items()),
        )
        for query, judged in grades.items()
        if any(judged.values())
    ]
    refuse(qrels, [] if gold else ["no document in it is relevant"])
    return list(documents.values()), gold


def _beir_rows(file: Path, *, may_be_blank: bool) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The rows by their ids, and faults."""
    rows, faults = json_lines(file)
    found: dict[str, dict[str, Any]] = {}
    for line, row in rows:
        text = row.get("text")
        if not (is_text(row.get("_id")) and (is_text(text) or (may_be_blank and text == ""))):
            faults.append((line, "no _id or no text"))
        elif row["_id"] in found:
            faults.append((line, f"its _id {printable(row['_id'], 60)} is another's too"))
        elif not may_be_blank and (fault := why_unaskable(str(text))):
            faults.append((line, fault))
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
    lines = bytes_of(file).decode("utf-8-sig", "replace").split("\n")
    for number, line in enumerate(lines, start=1):
        cells = line.strip().split("\t")
        if not line.strip() or (number == 1 and cells[0] == "query-id"):
            continue
        if len(cells) != 3 or not re.fullmatch(r"-?\d{1,9}", cells[2]):
            faults.append(f"{file.name} line {number}: not query, document and grade")
        elif cells[0] not in queries or cells[1] not in documents:
            faults.append(f"{file.name} line {number}: no such query or document")
        elif cells[1] in grades.get(cells[0], {}):
            faults.append(f"{file.name} line {number}: judged before")
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


# --- their articles ------------------------------------------------------------------------------


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
