"""What a person can set, from flags, the environment (`RAG_…`) and a TOML file, in that order."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from rag.articles import MAX_MEGABYTES
from rag.errors import BadInput, printable


@dataclass(frozen=True, slots=True)
class Settings:
    """Plain values. None for a model means the one that was installed with this program."""

    library: str = ".rag"
    embedding: str | None = None
    model: str | None = None
    writer: Literal["llm", "quote", "auto"] = "auto"
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    strictness: Literal["low", "normal", "high"] = "normal"
    top: int = 12
    max_megabytes: float = MAX_MEGABYTES


def settings(
    flags: Mapping[str, object], environment: Mapping[str, str], config: str | None
) -> Settings:
    """The settings; a flag that is None was not given. Raises BadInput, naming what is wrong."""
    config = config or environment.get("RAG_CONFIG") or None
    file = _config_file(config)
    place = printable(config or "")
    values: dict[str, object] = {}
    for field in fields(Settings):
        variable = f"RAG_{field.name.upper()}"
        for origin, value in (
            (f"--{field.name.replace('_', '-')}", flags.get(field.name)),
            (variable, environment.get(variable) or None),
            (f"{field.name} in {place}", file.pop(field.name, None)),
        ):
            if value is not None:
                values.setdefault(field.name, _valid(field.type, value, origin))
    if file:
        known = ", ".join(field.name for field in fields(Settings))
        name = printable(sorted(file)[0])
        raise BadInput(f"{place}: no setting is called {name!r}; there are {known}.")
    return Settings(**values)  # type: ignore[arg-type]  # checked one by one above


def _config_file(config: str | None) -> dict[str, object]:
    if config is None:
        return {}
    try:
        return tomllib.loads(Path(config).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{printable(config)}: {why}; name a readable TOML file.") from error


def _valid(kind: Any, value: object, origin: str) -> object:
    """`value` as the field's type. Raises BadInput with what could stand there."""
    shown = printable(repr(value))
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
        raise BadInput(f"{origin}: {shown} is not one of {', '.join(get_args(kind))}.")
    if kind in (int, float):
        try:
            number: float = kind(str(value))
        except ValueError:
            number = -1
        if 0 < number < 1e6:
            return number
        raise BadInput(f"{origin}: {shown} is not a number above 0.")
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise BadInput(f"{origin}: {shown} is not a text in UTF-8.")
    return value
