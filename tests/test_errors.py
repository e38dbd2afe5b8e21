"""Errors a person can act on."""

import ast
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import errors
from rag.errors import BadInput, RagError, SourceUnreadable, printable

PACKAGE = Path(__file__).parents[1] / "rag"
KINDS = sorted(RagError.__subclasses__(), key=lambda kind: kind.__name__)
NAMING = [kind for kind in KINDS if kind is not BadInput]  # whose message is a text of its own


def message(kind: type[RagError], name: str) -> str:
    """The error's text for an input of that name, whatever else it is told."""
    others = [p for p in signature(kind).parameters.values() if p.default is p.empty][1:]
    return str(kind(name, *(f"some {p.name}" for p in others)))


def calls() -> Iterator[ast.Call]:
    """Every call in the package, the errors' own module left out."""
    for file in PACKAGE.glob("*.py"):
        if file.stem != "errors":
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def made_in_the_package() -> set[str]:
    return {node.func.id for node in calls() if isinstance(node.func, ast.Name)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_raised_somewhere(kind: type[RagError]) -> None:
    assert kind.__name__ in made_in_the_package()


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_drawn_in_the_tree(kind: type[RagError]) -> None:
    assert f"── {kind.__name__} " in str(errors.__doc__)


def test_the_root_is_not_raised_itself() -> None:
    assert "RagError" not in made_in_the_package()


@pytest.mark.parametrize("kind", NAMING)
@given(name=st.text(st.characters(), min_size=1))
def test_a_message_is_one_line_whatever_the_name(kind: type[RagError], name: str) -> None:
    """Safe for a terminal: no control character, no lone surrogate."""
    assert message(kind, name).isprintable()


@pytest.mark.parametrize("kind", NAMING)
def test_a_message_names_its_input(kind: type[RagError]) -> None:
    assert "/a/name" in message(kind, "/a/name")


def test_what_was_wrong_can_be_asked_of_an_unreadable_source() -> None:
    error = SourceUnreadable("/a.txt", "is binary", "save it as text")
    assert (error.source, error.why) == ("/a.txt", "is binary")
    assert str(error) == "/a.txt: is binary; save it as text."


# --- printable -----------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_what_is_printable_has_no_control_characters(text: str) -> None:
    assert printable(text).isprintable()


@given(st.text(st.characters(exclude_categories=("C", "Z")), max_size=200))
def test_a_short_text_without_them_is_left_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_control_characters_are_shown_as_escapes() -> None:
    assert printable("a\nb\x1b[31m\ud800") == "a\\nb\\x1b[31m\\ud800"


def test_a_long_text_is_cut_with_a_sign_of_it() -> None:
    assert printable("x" * 999, limit=10) == "xxxxxxxxx…"
