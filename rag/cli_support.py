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
    """One pair in words, or a file of them as JSON lines: 1 where one is not supported."""
    from rag.reader import Reader
    from rag.verification import verdict

    if bool(arguments.batch) == bool(arguments.sentence):
        raise BadInput("give a sentence with --quote, or pairs with --batch FILE.")
    if arguments.sentence and not arguments.quote:
        raise BadInput("no quote is given; add --quote TEXT.")
    reader = Reader()
    if arguments.sentence:
        row = {"sentence": " ".join(arguments.sentence), "quote": arguments.quote}
        found = verdict(row["sentence"], [(arguments.title or "", row["quote"])], reader)
        if arguments.json:
            print_json(row | _told(found))
        else:
            print(printable(_line(found), 500))
        return 0 if found.supported else 1
    missed = 0
    for row in _rows(arguments.batch):
        found = verdict(row["sentence"], [(row.get("title") or "", row["quote"])], reader)
        missed += not found.supported
        print_json({"id": row.get("id"), **_told(found)})
    return 1 if missed else 0


def _told(found: "Verdict") -> dict[str, Any]:
    return {
        "supported": found.supported,
        "support": round(found.support, 4),
        "against": list(found.against),
    }


def _line(found: "Verdict") -> str:
    said = "supported" if found.supported else "not supported"
    return f"{said}, support {found.support:.2f}" + "".join(f"; {why}" for why in found.against)


def _rows(file: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines_of(file), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        given = [row.get(name) for name in ("sentence", "quote")] if isinstance(row, dict) else []
        if not given or not all(isinstance(text, str) and text.strip() for text in given):
            where = "" if file == "-" else f"{printable(file)}, "
            raise BadInput(f'{where}line {number} is not {{"sentence": …, "quote": …}}; mend it.')
        yield row
