"""`rag support`: whether a quote says what a sentence says."""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rag.errors import BadInput, printable
from rag.opening import lines_of, print_json
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.verification import Verdict


def support(arguments: argparse.Namespace, chosen: Settings) -> int:
    """A sentence and its quote (1 where it is not supported), or a file of pairs as JSON lines."""
    from rag.reader import Reader
    from rag.verification import verdict

    given = _whole(" ".join(arguments.sentence))
    if (given and arguments.batch) or (arguments.quote and not given):
        raise BadInput("give a sentence with --quote TEXT, or a FILE of pairs without it.")
    reader = Reader()
    if arguments.quote:
        title, quote = _whole(arguments.title or ""), _whole(arguments.quote)
        found = verdict(given, title, quote, reader)
        if arguments.json:
            print_json({"sentence": given, "quote": arguments.quote} | _told(found))
        else:
            print(printable(_line(found), 500))
        return 0 if found.supported else 1
    for row in _rows(arguments.batch or given or "-"):
        found = verdict(row["sentence"], row.get("title") or "", _read_as(row), reader)
        print_json({"id": row.get("id"), **_told(found)})
    return 0


def _read_as(row: dict[str, Any]) -> str:
    """The quote, with the sentence before it where that is given."""
    return " ".join(filter(None, (row.get("before"), row["quote"])))


def _told(found: "Verdict") -> dict[str, Any]:
    return {
        "support": round(found.support, 4),
        "supported": found.supported,
        "against": list(found.against),
    }


def _line(found: "Verdict") -> str:
    said = "supported" if found.supported else "not supported"
    return f"{said}, support {found.support:.2f}" + "".join(f"; {why}" for why in found.against)


def _rows(file: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not _is_pair(row):
            where = "" if file == "-" else f"{printable(file)}, "
            raise BadInput(f'{where}line {number} is not {{"sentence": …, "quote": …}}; mend it.')
        yield {name: _whole(value) for name, value in row.items()}


def _whole(value: Any) -> Any:
    """Text without half characters, which JSON and what is typed may hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _is_pair(row: Any) -> bool:
    """Two texts that are not empty, and two that may be."""
    if not isinstance(row, dict):
        return False
    needed, more = [[row.get(n) for n in names] for names in _FIELDS]
    return all(isinstance(text, str) and text.strip() for text in needed) and all(
        isinstance(text, str | None) for text in more
    )


_FIELDS = (("sentence", "quote"), ("title", "before"))


def _lines(file: str) -> Iterator[str]:
    try:
        yield from lines_of(file)
    except BadInput as error:  # who forgot the quote of a sentence has named no file
        why = str(error).removesuffix(".")
        raise BadInput(f"{why}, or give the quote of a sentence with --quote TEXT.") from error
