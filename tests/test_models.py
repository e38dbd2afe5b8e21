"""The one chat model that all people share, and one text at a time that it continues."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.llm import BUNDLED, ChatModel, Message, model_file
from ui.models import SharedModel

GRAMMAR = "root ::= [a-z ,]{400}"


@pytest.fixture(scope="module")
def model() -> ChatModel:
    return ChatModel()


def about(what: str) -> list[Message]:
    return [("user", f"Tell a long story about {what}.")]


def told(model: ChatModel, what: str, most: int = 15) -> str:
    return "".join(model.stream(about(what), GRAMMAR, most))


# --- sharing -------------------------------------------------------------------------------------


def test_the_first_that_is_offered_is_the_default() -> None:
    assert SharedModel({"one": BUNDLED, "two": "two.gguf"}).default == "one"


def test_where_none_is_offered_there_is_no_default_and_no_model() -> None:
    shared = SharedModel({})
    assert (shared.default, shared.offered) == ("", ())
    assert shared.get(shared.default) is None


def test_a_name_that_is_not_offered_is_no_model() -> None:
    assert SharedModel({"one": BUNDLED}).get(str(model_file(BUNDLED))) is None


def test_all_who_ask_at_once_get_the_same_model() -> None:
    shared = SharedModel({"one": BUNDLED})
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(shared.get, ["one"] * 4))
    assert models[0] is not None
    assert {id(model) for model in models} == {id(models[0])}


def test_a_model_is_gone_from_memory_before_the_next_one_is_loaded() -> None:
    shared = SharedModel({"one": BUNDLED, "two": str(model_file(BUNDLED))})
    others, left = models_in_memory(), []
    first = shared.get("one")
    assert first is not None
    watched = weakref.ref(first, lambda _: left.append(models_in_memory()))
    del first
    assert shared.get("two") is not None
    assert watched() is None
    assert left == [others]


def models_in_memory() -> int:
    return sum(type(one) is ChatModel for one in gc.get_objects())


@pytest.mark.parametrize("data", [None, b"", b"not a model", b"GGUF and no more"])
def test_a_file_that_is_no_model_is_none(tmp_path: Path, data: bytes | None) -> None:
    file = tmp_path / "model.gguf"
    if data is not None:
        file.write_bytes(data)
    assert SharedModel({"one": str(file)}).get("one") is None


# --- giving way ----------------------------------------------------------------------------------


def test_the_model_rests_while_a_question_is_looked_up() -> None:
    shared, rested = SharedModel({}), threading.Event()

    def rest() -> None:
        shared.rest(600)
        rested.set()

    thread = threading.Thread(target=rest)
    with shared.resting(), shared.resting():
        thread.start()
        assert not rested.wait(0.05)
    thread.join()
    assert rested.is_set()


def test_the_model_does_not_rest_for_ever() -> None:
    shared = SharedModel({})
    with shared.resting():
        shared.rest(0.01)


# --- one text at a time --------------------------------------------------------------------------


def test_a_text_that_was_given_up_half_way_holds_up_nobody(model: ChatModel) -> None:
    """Nor does it leave a trace in the next one."""
    alone = told(model, "bridges")
    given_up = model.stream(about("schools"), GRAMMAR, 15)
    next(given_up)
    assert told(model, "bridges") == alone


def test_a_text_ends_where_the_next_one_begins(model: ChatModel) -> None:
    first, second = (model.stream(about(what), GRAMMAR, 15) for what in ("bridges", "schools"))
    assert next(first)
    assert next(second)
    assert list(first) == []
    assert list(second)


def test_two_threads_do_not_mix_their_texts(model: ChatModel) -> None:
    """The older one, still at work in its thread, gives way; the newer one is as it is alone."""
    bridges, schools = told(model, "bridges", 100), told(model, "schools")
    begun, older = threading.Event(), []

    def tell() -> None:
        for piece in model.stream(about("bridges"), GRAMMAR, 100):
            older.append(piece)
            begun.set()

    thread = threading.Thread(target=tell)
    thread.start()
    assert begun.wait(600)
    newer = told(model, "schools")
    thread.join()
    assert newer == schools
    assert bridges.startswith("".join(older))
