"""What a person can set, and where from."""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from rag.cli import parser
from rag.errors import BadInput
from rag.settings import Settings, settings

NAMES = [field.name for field in fields(Settings)]
NUMBERS = ["top", "max_megabytes"]
CHOICES = [field.name for field in fields(Settings) if get_origin(field.type) is Literal]


def choices(name: str) -> tuple[str, ...]:
    return get_args(next(field.type for field in fields(Settings) if field.name == name))


def toml(tmp_path: Path, text: str) -> str:
    file = tmp_path / "rag.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def flags_of(top: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Every option of the command and of its subcommands, by its name in the parsed values."""
    found = {}
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                found |= flags_of(sub)
        elif action.option_strings:
            found[action.dest] = action
    return found


# --- where a value comes from --------------------------------------------------------------------


def test_flags_come_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    config = toml(tmp_path, 'library = "file"\ntop = 1\nmode = "dense"')
    environment = {"RAG_LIBRARY": "environment", "RAG_TOP": "2"}
    chosen = settings({"library": "flag", "top": None}, environment, config)
    assert (chosen.library, chosen.top, chosen.mode) == ("flag", 2, "dense")


def test_without_any_the_defaults_hold() -> None:
    assert settings({}, {}, None) == Settings()


def test_an_empty_variable_is_as_none() -> None:
    assert settings({}, {"RAG_TOP": "", "RAG_CONFIG": ""}, None) == Settings()


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    config = toml(tmp_path, "top = 3")
    assert settings({}, {"RAG_CONFIG": config}, None).top == 3


def test_a_flag_that_is_no_setting_is_left_to_its_command() -> None:
    assert settings({"question": "who?", "json": True}, {}, None) == Settings()


def test_numbers_may_be_written_as_texts_or_numbers(tmp_path: Path) -> None:
    config = toml(tmp_path, "top = 3\nmax_megabytes = 1")
    assert settings({}, {}, config) == Settings(top=3, max_megabytes=1.0)
    assert settings({"top": "3", "max_megabytes": "0.5"}, {}, None).max_megabytes == 0.5


# --- every setting -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_flag_with_help(name: str) -> None:
    flag = flags_of(parser())[name]
    assert f"--{name.replace('_', '-')}" in flag.option_strings
    assert flag.help


@pytest.mark.parametrize("name", NAMES)
def test_every_flag_of_a_setting_says_when_it_was_not_given(name: str) -> None:
    """Its default is None: else it would hide the environment and the file."""
    assert flags_of(parser())[name].default in (None, argparse.SUPPRESS)


@pytest.mark.parametrize("name", CHOICES)
def test_a_flags_choices_are_the_settings(name: str) -> None:
    assert flags_of(parser())[name].choices == choices(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_variable(name: str) -> None:
    default = getattr(Settings(), name)
    value = next(c for c in choices(name) if c != default) if name in CHOICES else "3"
    chosen = settings({}, {f"RAG_{name.upper()}": value}, None)
    assert getattr(chosen, name) == (3 if name in NUMBERS else value)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf", "1e9", "1 2", "9" * 5000])
def test_a_number_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput, match="is not a number above 0"):
        settings({name: value}, {}, None)


@pytest.mark.parametrize("name", CHOICES)
def test_an_unknown_choice_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(BadInput, match=f"'other' is not one of {', '.join(choices(name))}"):
        settings({}, {f"RAG_{name.upper()}": "other"}, None)


@pytest.mark.parametrize("name", sorted({*NAMES} - {*NUMBERS} - {*CHOICES}))
def test_a_text_must_be_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"{name} in .*rag.toml: 3 is not a text"):
        settings({}, {}, toml(tmp_path, f"{name} = 3"))


def test_a_fraction_is_no_number_of_passages() -> None:
    with pytest.raises(BadInput, match=r"--top: '2\.5'"):
        settings({"top": "2.5"}, {}, None)


def test_a_fault_is_named_with_where_it_stands(tmp_path: Path) -> None:
    config = toml(tmp_path, "top = 0")
    for flags, environment, origin in (
        ({"top": "0"}, {}, "--top: "),
        ({}, {"RAG_TOP": "0"}, "RAG_TOP: "),
        ({}, {"RAG_CONFIG": config}, f"top in {config}: "),
    ):
        with pytest.raises(BadInput) as caught:
            settings(flags, environment, None)
        assert str(caught.value).startswith(origin)


def test_a_long_value_is_not_repeated_at_length() -> None:
    with pytest.raises(BadInput) as caught:
        settings({"top": "x" * 5000}, {}, None)
    assert len(str(caught.value)) < 300


def test_an_unknown_name_in_the_file_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no setting is called 'topp'; there are library, .* top"):
        settings({}, {}, toml(tmp_path, "topp = 3"))


@pytest.mark.parametrize(
    ("content", "why"), [(b"top = ", "Invalid value"), (b"\xff", "decode"), (None, "No such file")]
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "rag.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=rf"rag\.toml: .*{why}.*; name a readable TOML file"):
        settings({}, {}, str(file))


def test_a_name_with_a_line_break_is_refused_on_one_line(tmp_path: Path) -> None:
    for config in (f"{tmp_path}/a\nb", toml(tmp_path, '"a\\nb" = 1')):
        with pytest.raises(BadInput) as caught:
            settings({}, {}, config)
        assert "\n" not in str(caught.value)


def test_a_file_whose_name_has_a_line_break_is_named_on_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a\nb.toml"
    for text in ("topp = 1", "top = 0"):
        file.write_text(text)
        with pytest.raises(BadInput, match=r"a\\nb\.toml"):
            settings({}, {}, str(file))
