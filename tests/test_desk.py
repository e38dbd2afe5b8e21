"""What the page asks for, and what it is given: no server, no browser, all the rest real."""

import json
import os
import re
import shutil
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import make_library
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html
from strategies import store

from rag.answer import Turn, not_said, turn_of
from rag.answering import Engine, look_up
from rag.chats import Chats
from rag.cli import main
from rag.composing import Found, quoted
from rag.embedding import Embedder
from rag.errors import (
    ArticleUnknown,
    BadInput,
    ChatUnknown,
    LibraryBusy,
    LibraryMissing,
    LibraryUnusable,
    ModelMissing,
    RagError,
    StorageFull,
)
from rag.examples import example_questions
from rag.indexes import Indexes
from rag.library import Library
from rag.llm import BUNDLED
from rag.reader import Reader
from rag.settings import Settings
from rag.verification import Claim
from ui import desk as desks
from ui.desk import LEFT_OUT, PATIENCE_S, Desk, Shown, Stopped, Wording, in_words
from ui.models import SharedModel

ANN, BOB = "ann", "bob"
ROWLEY, FRANCE = "who criticised Rowley?", "What is the capital of France?"
HEADS = "Who is the head of the Police Firearms Officers Association?"
BRIDGE = b"title: Bridge closed\n\nThe Harwick bridge was closed on Friday after cracks were found."


known_reader = cache(Reader)


@contextmanager
def opened(folder: Path, embedder: Embedder, **fields: Any) -> Iterator[Desk]:
    with Library.open(folder) as library, Chats(folder) as chats:
        engine = Engine(library, Indexes(library), embedder, known_reader(), model=None, load_s=0.0)
        known = {"model": SharedModel({}), "settings": Settings(), "allowed": ()}
        yield Desk(engine=engine, chats=chats, **{**known, **fields})


@pytest.fixture(scope="module")
def model() -> SharedModel:
    return SharedModel({BUNDLED: BUNDLED})


@pytest.fixture
def folder(tmp_path: Path, seeds_folder: Path) -> Path:
    return Path(shutil.copytree(seeds_folder, tmp_path / "library"))


@pytest.fixture
def desk(folder: Path, tmp_path: Path, embedder: Embedder, model: SharedModel) -> Iterator[Desk]:
    """A library of the two seeds, with a model, and a folder that files may be added from."""
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    with opened(folder, embedder, model=model, allowed=(allowed.resolve(),)) as made:
        yield made


@pytest.fixture
def empty_desk(tmp_path: Path, embedder: Embedder) -> Iterator[Desk]:
    make_library(tmp_path / "empty", embedder).close()
    with opened(tmp_path / "empty", embedder) as made:
        yield made


def ask(desk: Desk, question: str, owner: str = ANN, **sent: Any) -> Shown:
    """The answer in quotes alone."""
    quotes = {"settings": {"writer": "quote"}, **sent}
    shown, wording = desks.ask(desk, owner, {"question": question, "key": "k", **quotes})
    assert wording is None
    return shown


def to_word(desk: Desk, question: str) -> Wording:
    _, wording = desks.ask(desk, ANN, {"question": question, "key": "k"})
    assert wording is not None
    return wording


def turn_id(shown: Shown) -> int:
    return int(tree(shown["turn"]).xpath("string(.//@data-turn)"))


def tree(shown: str) -> html.HtmlElement:
    return html.fragment_fromstring(shown, create_parent="main")


def words(shown: str) -> str:
    text: str = tree(shown).text_content()
    return " ".join(text.split())


def asked(desk: Desk, shown: Shown, owner: str = ANN) -> list[str]:
    """The questions of the chat that are kept."""
    return [saved.answer.question for saved in desk.chats.turns(owner, shown["chat"])]


def kept(desk: Desk, shown: Shown) -> Any:
    """The chat's last answer."""
    return desk.chats.turns(ANN, shown["chat"])[-1].answer


# --- asking --------------------------------------------------------------------------------------


def test_a_first_question_begins_a_chat_and_is_its_title(desk: Desk) -> None:
    shown = ask(desk, ROWLEY)
    (chat,) = desk.chats.listed(ANN)
    assert (chat.id, chat.title) == (shown["chat"], ROWLEY)


def test_an_answer_is_shown_as_it_is_kept(desk: Desk) -> None:
    shown = ask(desk, ROWLEY)
    (saved,) = desk.chats.turns(ANN, shown["chat"])
    assert saved.id == turn_id(shown)
    assert saved.answer.claims[0].text in words(shown["turn"])
    assert shown["key"] == "k"


def test_a_second_question_joins_the_chat(desk: Desk) -> None:
    first = ask(desk, ROWLEY)
    second = ask(desk, HEADS, chat=first["chat"])
    assert second["chat"] == first["chat"]
    assert asked(desk, first) == [ROWLEY, HEADS]


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[list[Turn]]:
    """The histories that `look_up` is given; it does its work all the same."""
    seen: list[list[Turn]] = []

    def overheard(question: str, engine: Engine, *, history: list[Turn], **options: Any) -> Found:
        seen.append(history)
        return look_up(question, engine, history=history, **options)

    monkeypatch.setattr(desks, "look_up", overheard)
    return seen


def test_the_chat_so_far_is_handed_on_with_every_question(
    desk: Desk, handed_on: list[list[Turn]]
) -> None:
    """As what was searched for and what was answered, oldest first."""
    first = ask(desk, ROWLEY)
    ask(desk, "And him?", chat=first["chat"], standalone=FRANCE)
    ask(desk, HEADS, chat=first["chat"])
    answer = desk.chats.turns(ANN, first["chat"])[0].answer
    assert turn_of(answer).titles == (answer.citations[0].title,)
    assert handed_on == [
        [],
        [turn_of(answer)],
        [turn_of(answer), Turn(FRANCE, "")],
    ]


def test_what_a_question_replaces_is_not_handed_on_with_it(
    desk: Desk, handed_on: list[list[Turn]]
) -> None:
    first = ask(desk, ROWLEY)
    second = ask(desk, FRANCE, chat=first["chat"])
    ask(desk, HEADS, chat=first["chat"], replaces=turn_id(second))
    assert [turn.question for turn in handed_on[-1]] == [ROWLEY]


def test_a_question_takes_the_place_of_the_one_it_replaces_and_of_all_after_it(desk: Desk) -> None:
    first = ask(desk, ROWLEY)
    second = ask(desk, FRANCE, chat=first["chat"])
    ask(desk, "Who is Mark Williams?", chat=first["chat"])
    ask(desk, HEADS, chat=first["chat"], replaces=turn_id(second))
    assert asked(desk, first) == [ROWLEY, HEADS]


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""},
        {"question": "?!"},
        {"standalone": "?!"},
        {"scope": {"since": "yesterday"}},
        {"scope": []},
        {"settings": {"model": 1}},
        {"settings": {"writer": ["quote"]}},
        {"key": 1},
    ],
)
def test_a_question_that_fails_loses_nothing_and_begins_nothing(
    desk: Desk, wrong: dict[str, Any]
) -> None:
    first = ask(desk, ROWLEY)
    for chat in ({"chat": first["chat"], "replaces": turn_id(first)}, {}):
        with pytest.raises(BadInput):
            desks.ask(desk, ANN, {"question": HEADS, **chat, **wrong})
    assert asked(desk, first) == [ROWLEY]
    assert len(desk.chats.listed(ANN)) == 1


@pytest.mark.parametrize("named", [True, False])
def test_a_turn_of_another_chat_cannot_be_replaced(desk: Desk, named: bool) -> None:
    first, other = ask(desk, ROWLEY), ask(desk, FRANCE)
    chat = first["chat"] if named else None
    with pytest.raises(ChatUnknown):
        ask(desk, HEADS, chat=chat, replaces=turn_id(other))
    assert (asked(desk, first), asked(desk, other)) == ([ROWLEY], [FRANCE])
    assert len(desk.chats.listed(ANN)) == 2


def test_a_corrected_question_is_searched_and_the_persons_own_words_stay(desk: Desk) -> None:
    answer = kept(desk, ask(desk, "What of him?", standalone=ROWLEY))
    assert (answer.question, answer.standalone_question) == ("What of him?", ROWLEY)
    assert "Rowley" in answer.answer


def test_a_screen_reader_is_told_how_much_there_is(desk: Desk) -> None:
    assert ask(desk, ROWLEY)["said"] == "Answered: 1 sentence, 1 source."
    assert ask(desk, HEADS)["said"] == "Answered: 2 sentences, 2 sources."
    assert ask(desk, FRANCE)["said"] == not_said(FRANCE)


@pytest.mark.parametrize("named", [True, False])
def test_a_question_that_is_stopped_before_its_answer_leaves_all_as_it_was(
    desk: Desk, named: bool
) -> None:
    first = ask(desk, ROWLEY)
    sent = {"chat": first["chat"], "replaces": turn_id(first)} if named else {}
    assert desks.stop_question(desk, ANN, {"key": "stopped", "chat": first["chat"]}) == {}
    assert desks.ask(desk, ANN, {"question": HEADS, "key": "stopped", **sent}) == ({}, None)
    assert asked(desk, first) == [ROWLEY]
    assert len(desk.chats.listed(ANN)) == 1


def test_what_one_person_stops_is_not_anothers(desk: Desk) -> None:
    desks.stop_question(desk, BOB, {"key": "k"})
    assert "turn" in ask(desk, ROWLEY)


def test_one_who_stops_on_and_on_displaces_only_their_own() -> None:
    stopped = Stopped()
    stopped.add(BOB, "k")
    for n in range(5_000):
        stopped.add(ANN, str(n))

    def is_wanted(owner: str, key: str) -> bool:
        with stopped.keeping(owner, key) as wanted:
            return wanted

    assert not is_wanted(BOB, "k")
    assert not is_wanted(ANN, "4999")
    assert is_wanted(ANN, "0")


def test_of_all_that_was_stopped_only_so_much_is_remembered() -> None:
    stopped = Stopped()
    for n in range(5_000):
        stopped.add(str(n), "k")
    assert len(stopped._asked) == 1_000


# --- scope and settings --------------------------------------------------------------------------


def found_in(desk: Desk, **sent: Any) -> set[str]:
    """The titles of what is found for a question that all articles are about."""
    return {r.title for r in kept(desk, ask(desk, "the police", **sent)).retrieved}


def test_only_the_articles_in_scope_are_searched(desk: Desk) -> None:
    library = desk.engine.library
    new, _ = store(library, "The police of 2014.", "/b", published=date(2014, 5, 3), outlet="Post")
    assert len(found_in(desk)) == 3
    for scope in (
        {"articles": [new]},
        {"outlets": ["Post"]},
        {"since": "2014-05-03"},
        {"until": "2014"},
        {"since": "2014", "until": "2014-05", "outlets": ["Post"], "articles": [new]},
    ):
        assert found_in(desk, scope=scope) == {"A title"}
    for scope in ({"since": "2014-05-04"}, {"until": "2014-05-02"}, {"outlets": ["Courier"]}):
        assert found_in(desk, scope=scope) == set()


def test_a_scope_that_says_nothing_lets_all_through(desk: Desk) -> None:
    nothing = {"since": "", "until": "", "outlets": [], "articles": []}
    assert found_in(desk, scope=nothing) == found_in(desk, scope=None) == found_in(desk)


@pytest.mark.parametrize(
    "scope",
    [
        {"outlets": "Post"},
        {"outlets": [1]},
        {"articles": {"a1": "Title"}},
        {"articles": ["a1"] * 1001},
        {"since": 2014},
        "2014",
    ],
)
def test_a_scope_that_cannot_be_read_is_refused_and_not_passed_over(
    desk: Desk, scope: object
) -> None:
    with pytest.raises(BadInput):
        ask(desk, ROWLEY, scope=scope)


def test_as_many_sources_are_looked_at_as_the_person_set(desk: Desk) -> None:
    shown = ask(desk, ROWLEY, settings={"writer": "quote", "top": 2})
    assert len(kept(desk, shown).retrieved) == 2


def test_as_many_sources_are_looked_at_as_the_program_was_started_with(desk: Desk) -> None:
    started = replace(desk, settings=Settings(top=1))
    assert len(kept(desk, ask(started, ROWLEY)).retrieved) == 1


@pytest.mark.parametrize(
    ("started", "chosen", "top"),
    [(60, None, 60), (8, 1_000, 50), (8, -3, 8), (8, 0, 8), (8, 1.5, 8), (8, "x", 8), (8, True, 8)],
)
def test_a_person_may_not_set_more_sources_than_the_page_offers(
    desk: Desk, started: int, chosen: object, top: int
) -> None:
    """Who started the program may."""
    shown = desks.start(
        replace(desk, settings=Settings(top=started)), ANN, {"settings": {"top": chosen}}
    )
    assert tree(shown["html"]["settings"]).xpath("string(.//input[@name='top']/@value)") == str(top)


@pytest.mark.parametrize("strictness", ["low", "high"])
def test_it_abstains_as_soon_as_the_person_set(desk: Desk, strictness: str) -> None:
    shown = ask(desk, ROWLEY, settings={"writer": "quote", "strictness": strictness})
    assert f"(strictness {strictness})" in kept(desk, shown).checked[0].outcome


def test_a_setting_that_is_no_longer_offered_is_the_programs_own(desk: Desk) -> None:
    """A browser remembers settings for longer than a program offers them."""
    remembered = {"writer": "poet", "strictness": "severe", "model": "gone.gguf"}
    _, wording = desks.ask(desk, ANN, {"question": ROWLEY, "settings": remembered})
    assert wording is not None
    assert wording.model == BUNDLED


def test_the_programs_own_writer_holds_where_the_person_chose_none(desk: Desk) -> None:
    quotes_only = replace(desk, settings=Settings(writer="quote"))
    assert desks.ask(quotes_only, ANN, {"question": ROWLEY})[1] is None
    assert desks.ask(quotes_only, ANN, {"question": ROWLEY, "settings": {"writer": "auto"}})[1]


def test_the_page_opens_with_the_settings_that_hold(desk: Desk) -> None:
    sent = {"settings": {"writer": "quote", "strictness": "high", "top": 3, "look": "dark"}}
    form = tree(desks.start(desk, ANN, sent)["html"]["settings"])
    chosen = {i.get("name"): i.get("value") for i in form.xpath(".//input[@checked]")}
    assert chosen == {"writer": "quote", "strictness": "high", "look": "dark"}
    assert form.xpath("string(.//input[@name='top']/@value)") == "3"


# --- wording -------------------------------------------------------------------------------------


def places(shown: Shown) -> set[tuple[str, str, str]]:
    """Where the markers of a turn lead to."""
    markers = tree(shown["turn"]).find_class("marker")
    return {(m.get("data-article"), m.get("data-start"), m.get("data-end")) for m in markers}


def test_an_answer_stands_in_quotes_while_it_waits_to_be_worded(desk: Desk) -> None:
    shown, wording = desks.ask(desk, ANN, {"question": ROWLEY})
    assert wording is not None
    assert shown["wording"]
    assert kept(desk, shown) == replace(quoted(wording.found), timings=kept(desk, shown).timings)


def test_an_abstention_is_not_worded(desk: Desk) -> None:
    shown, wording = desks.ask(desk, ANN, {"question": FRANCE})
    assert wording is None
    assert not shown["wording"]


def test_nothing_is_worded_where_there_is_no_model(desk: Desk) -> None:
    assert desks.ask(replace(desk, model=SharedModel({})), ANN, {"question": ROWLEY})[1] is None


def test_a_wording_grows_and_its_end_is_kept_under_the_same_turn(desk: Desk) -> None:
    wording = to_word(desk, HEADS)
    *growing, last = desks.word(desk, wording)
    assert len(growing) >= 2
    assert [shown["wording"] for shown in growing] == [True] * len(growing)
    assert not last["wording"]
    assert {(turn_id(s), s["key"], s["chat"]) for s in (*growing, last)} == {
        (wording.turn, "k", wording.chat)
    }
    (saved,) = desk.chats.turns(ANN, wording.chat)
    assert saved.answer.models["llm"] == BUNDLED
    assert saved.answer.notice is None
    assert all(claim.text in words(last["turn"]) for claim in saved.answer.claims)


def test_no_source_is_lost_while_an_answer_is_worded(desk: Desk) -> None:
    first, wording = desks.ask(desk, ANN, {"question": HEADS})
    assert wording is not None
    assert len(places(first)) == 2
    worded = list(desks.word(desk, wording))
    assert len(worded) > 1
    assert all(places(shown) == places(first) for shown in worded)


def told(shown: str) -> str:
    """What an answer says, and how each of its sentences came about."""
    (answer,) = tree(shown).find_class("answer")
    return " ".join(answer.text_content().split())


def reloaded(desk: Desk, chat: str) -> str:
    return str(desks.open_chat(desk, ANN, {"chat": chat})["html"]["turns"])


def stop(desk: Desk, wording: Wording) -> str:
    """The turn, as the page that has stopped its wording shows it."""
    sent = {"key": wording.key, "chat": wording.chat, "turn": wording.turn}
    return str(desks.stop_question(desk, ANN, sent)["turn"])


def notice(shown: str) -> str:
    return str(tree(shown).find_class("notice")[0].text)


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in words each piece of evidence: the model may leave them all as they are."""

    def stand_in(
        found: Found, model: object, reader: object, *, before_token: object
    ) -> Iterator[Any]:
        claims: tuple[Claim, ...] = ()
        for n, evidence in enumerate(found.evidence, 1):
            claims = (*claims, Claim(evidence.quote.upper(), (n,), "generated", True, None))
            yield claims

    monkeypatch.setattr(desks, "worded", stand_in)


@pytest.mark.usefixtures("loud")
def test_a_wording_is_kept_as_far_as_it_is_shown(desk: Desk) -> None:
    """A page that is loaded again half way shows what it showed."""
    wording = to_word(desk, HEADS)
    seen = [
        (told(shown["turn"]), told(reloaded(desk, wording.chat)))
        for shown in desks.word(desk, wording)
    ]
    assert len({shown for shown, _ in seen}) == 2
    assert all(shown == kept for shown, kept in seen)


def stopped_half_way(desk: Desk) -> str:
    """The turn that stays after a first step of the wording; a reload shows the same."""
    wording = to_word(desk, HEADS)
    worded = desks.word(desk, wording)
    shown = next(worded)["turn"]
    stopped = stop(desk, wording)
    assert list(worded) == []
    assert told(stopped) == told(shown)
    assert words(reloaded(desk, wording.chat)) == words(stopped)
    return stopped


@pytest.mark.usefixtures("loud")
def test_a_wording_that_is_stopped_half_way_says_that_the_rest_is_quoted(desk: Desk) -> None:
    stopped = stopped_half_way(desk)
    assert "Worded by the model" in told(stopped)
    assert "own words" in told(stopped)
    assert notice(stopped) == "Stopped here: the rest stands in quotes."


def test_a_wording_that_is_stopped_stays_as_far_as_the_model_had_come(desk: Desk) -> None:
    stopped_half_way(desk)


def test_a_wording_that_is_stopped_before_it_begins_leaves_the_quotes(desk: Desk) -> None:
    wording = to_word(desk, HEADS)
    quotes = told(reloaded(desk, wording.chat))
    stopped = stop(desk, wording)
    assert list(desks.word(desk, waited(wording, PATIENCE_S + 1))) == []
    assert told(stopped) == quotes
    assert notice(stopped) == "Stopped: the quotes stand as they are."
    assert words(reloaded(desk, wording.chat)) == words(stopped)


def waited(wording: Wording, seconds: float) -> Wording:
    wording.found.clock._last -= seconds
    return wording


def test_a_wording_that_waited_too_long_is_left_out_and_that_is_said(desk: Desk) -> None:
    wording = waited(to_word(desk, ROWLEY), PATIENCE_S + 1)
    (shown,) = desks.word(desk, wording)
    (saved,) = desk.chats.turns(ANN, wording.chat)
    assert saved.answer.notice == LEFT_OUT
    assert saved.answer.claims == quoted(wording.found).claims
    assert saved.answer.timings["wait_s"] > PATIENCE_S
    assert LEFT_OUT in words(shown["turn"])
    assert not shown["wording"]


def test_a_model_that_cannot_be_loaded_is_said_and_the_quotes_stay(desk: Desk) -> None:
    without = replace(desk, model=SharedModel({"a": "nowhere.gguf"}))
    wording = to_word(without, ROWLEY)
    (shown,) = desks.word(without, wording)
    (saved,) = desk.chats.turns(ANN, wording.chat)
    assert "cannot be loaded" in (saved.answer.notice or "")
    assert saved.answer.claims == quoted(wording.found).claims
    assert saved.answer.notice in words(shown["turn"])


def test_a_chat_that_was_deleted_meanwhile_does_not_come_back_with_its_wording(desk: Desk) -> None:
    wording = waited(to_word(desk, ROWLEY), PATIENCE_S + 1)
    desk.chats.delete(ANN, wording.chat)
    with pytest.raises(ChatUnknown):
        list(desks.word(desk, wording))
    assert desk.chats.listed(ANN) == []


# --- the library and its examples ----------------------------------------------------------------


def test_an_empty_library_gives_the_page_of_a_first_run(empty_desk: Desk) -> None:
    shown = desks.library(empty_desk, ANN, {})
    assert shown["count"] == 0
    assert shown["html"]["welcome"] == ""
    first_run = desks.start(empty_desk, ANN, {})["html"]["first-run"]
    assert "Start with your articles" in words(first_run)
    assert tree(first_run).xpath(".//input[@type='file']")


def test_an_empty_library_says_that_it_does_not_say(empty_desk: Desk) -> None:
    assert not_said(ROWLEY) in words(ask(empty_desk, ROWLEY)["turn"])


def test_a_library_says_how_many_articles_and_which_outlets_it_has(desk: Desk) -> None:
    store(desk.engine.library, "A third one.", "/c", outlet="The <b>Post</b>")
    shown = desks.library(desk, ANN, {})
    assert shown["count"] == 3
    assert shown["html"]["strap"] == "answers from 3 articles, and from nothing else"
    for place in ("scope-outlets", "filter-outlet"):
        assert "The <b>Post</b>" in words(shown["html"][place])


def examples(desk: Desk) -> list[str]:
    shown = desks.examples(desk, ANN, {})["html"]["welcome"]
    return [button.text_content() for button in tree(shown).xpath(".//button")]


def test_this_library_answers_its_example_questions(desk: Desk) -> None:
    assert len(examples(desk)) == 4
    for question in examples(desk):
        assert look_up(question, desk.engine).evidence


def test_what_the_library_does_not_answer_is_no_example(empty_desk: Desk) -> None:
    """The sentence that suggests the question is in no passage, as after a change of chunking."""
    known, rest = "The harbour bridge was closed on Friday.", "Nothing else has happened here."
    library = empty_desk.engine.library
    store(library, f"{known}\n\n{rest}", parts=[rest])
    assert example_questions(library) == ["When was the harbour bridge closed?"]
    assert examples(empty_desk) == []


def test_examples_are_made_once_for_each_state_of_the_library(desk: Desk) -> None:
    before = examples(desk)
    made = desks._examples.cache_info().misses
    assert examples(desk) == before
    assert desks._examples.cache_info().misses == made
    for article in desk.engine.library.listed():
        desks.remove_article(desk, ANN, {"article": article.id})
    assert examples(desk) == []


def test_pages_that_open_at_once_share_the_making_of_examples(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Library] = []

    def noted(library: Library, *, most: int) -> list[str]:
        made.append(library)
        return example_questions(library, most=most)

    monkeypatch.setattr(desks, "example_questions", noted)
    with ThreadPoolExecutor(4) as pool:
        assert len({tuple(shown) for shown in pool.map(examples, [desk] * 4)}) == 1
    assert len(made) == 1


def test_what_is_remembered_of_examples_holds_no_model_in_memory(desk: Desk) -> None:
    """Nor until the interpreter ends: llama.cpp is gone by then, and could not let go of it."""
    model = SharedModel({})
    examples(replace(desk, model=model))
    gone = weakref.ref(model)
    del model
    assert gone() is None


# --- articles ------------------------------------------------------------------------------------


def rows(desk: Desk, **sent: Any) -> list[str]:
    """The titles of the list."""
    shown = desks.list_articles(desk, ANN, sent)["html"]["articles"]
    return [row.findall("td")[1].text_content() for row in tree(shown).xpath(".//tr[td]")]


@pytest.fixture
def dated(desk: Desk) -> Desk:
    """Five more articles, of 2011 to 2015, and of two outlets in turn."""
    for n in range(5):
        text, outlet = f"Text {n}.", ("The Post", "The Courier")[n % 2]
        day = date(2011 + n, 5, 3)
        store(desk.engine.library, text, f"/{n}", title=f"No. {n}", published=day, outlet=outlet)
    return desk


def test_articles_are_listed_newest_first(dated: Desk) -> None:
    assert rows(dated)[:5] == ["No. 4", "No. 3", "No. 2", "No. 1", "No. 0"]
    assert len(rows(dated)) == 7


@pytest.mark.parametrize(
    ("sent", "titles"),
    [
        ({"containing": "no. 3"}, ["No. 3"]),
        ({"containing": "courier"}, ["No. 3", "No. 1"]),
        ({"outlet": "The Courier"}, ["No. 3", "No. 1"]),
        ({"since": "2014"}, ["No. 4", "No. 3"]),
        ({"until": "2012"}, ["No. 1", "No. 0"]),
        ({"since": "2012", "until": "2014", "outlet": "The Post"}, ["No. 2"]),
        ({"containing": "nothing of the kind"}, []),
        ({"limit": 2, "offset": 1}, ["No. 3", "No. 2"]),
    ],
)
def test_a_list_is_narrowed_down(dated: Desk, sent: dict[str, Any], titles: list[str]) -> None:
    assert rows(dated, **sent) == titles


def test_the_last_page_is_shown_when_the_page_asked_for_is_gone(dated: Desk) -> None:
    assert rows(dated, limit=2, offset=6) == rows(dated, limit=2, offset=100)
    shown = desks.list_articles(dated, ANN, {"limit": 2, "offset": 100})["html"]["articles"]
    assert "7–7 of 7" in words(shown)


def test_an_article_opens_at_its_quote(desk: Desk) -> None:
    c = kept(desk, ask(desk, ROWLEY)).citations[0]
    answering = [list(span) for span in c.answering]
    sent = {"article": c.article_id, "quote": [c.start, c.end], "answering": answering}
    panel = tree(desks.open_article(desk, ANN, sent)["html"]["panel-body"])
    assert "".join(mark.text_content() for mark in panel.findall(".//mark")) == c.quote
    assert [strong.text for strong in panel.findall(".//mark/strong")] == ["Mr Williams"]


@pytest.mark.parametrize("article", ["", "0" * 16, "../../etc/passwd", "\ud800"])
def test_an_article_that_is_not_there_is_unknown(desk: Desk, article: str) -> None:
    with pytest.raises(ArticleUnknown):
        desks.remove_article(desk, ANN, {"article": article})
    shown = desks.open_article(desk, ANN, {"article": article})["html"]["panel-body"]
    assert "No longer in the library" in shown


def test_a_removed_article_answers_nothing_until_it_is_brought_back(desk: Desk) -> None:
    article = kept(desk, ask(desk, ROWLEY)).citations[0].article_id
    desks.remove_article(desk, ANN, {"article": article})
    assert article in desks.list_articles(desk, ANN, {})["html"]["undo"]
    assert kept(desk, ask(desk, ROWLEY)).abstained
    desks.undo_removal(desk, ANN, {"article": article})
    assert desks.list_articles(desk, ANN, {})["html"]["undo"] == ""
    assert not kept(desk, ask(desk, ROWLEY)).abstained


def test_an_answer_says_of_which_articles_it_was_asked(desk: Desk) -> None:
    scope = {"since": "2001-01-01", "until": "2001-12-31", "outlets": ["The Post"]}
    answer = kept(desk, ask(desk, ROWLEY, scope=scope))
    assert answer.abstained
    assert answer.scope == "The Post, from 2001-01-01, to 2001-12-31"
    assert kept(desk, ask(desk, ROWLEY)).scope is None
    gone = kept(desk, ask(desk, ROWLEY, scope={"articles": ["0" * 16]}))
    assert gone.scope == "articles that are gone"


def test_days_in_the_wrong_order_are_refused(desk: Desk) -> None:
    scope = {"since": "2020-01-01", "until": "2019-01-01"}
    with pytest.raises(BadInput, match="set From before To"):
        ask(desk, ROWLEY, scope=scope)
    with pytest.raises(BadInput, match="set From before To"):
        desks.list_articles(desk, ANN, scope)


@pytest.mark.parametrize("length", [0, 1, 15])
def test_the_beginning_of_an_id_brings_back_nothing(desk: Desk, length: int) -> None:
    (article, *_) = desk.engine.library.listed()
    desks.remove_article(desk, ANN, {"article": article.id})
    with pytest.raises(BadInput):
        desks.undo_removal(desk, ANN, {"article": article.id[:length]})
    assert desk.engine.library.counts()[0] == 1


@pytest.mark.parametrize("article", ["x" * 16, "ABCDEF0123456789", "0123 56789abcdef", "%" * 16])
def test_what_is_no_id_of_an_article_is_refused_before_the_library_is_asked(
    desk: Desk, article: str
) -> None:
    with pytest.raises(BadInput, match="nothing was brought back"):
        desks.undo_removal(desk, ANN, {"article": article})


@pytest.mark.parametrize("function", [desks.remove_article, desks.undo_removal])
def test_who_removes_while_articles_are_written_waits_a_moment_and_is_told(
    desk: Desk, function: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "_REMOVE_WAIT_S", 0.01)
    (article, *_) = desk.engine.library.listed()
    busy = pytest.raises(LibraryBusy)
    with Library.open(desk.engine.library.folder) as other, other.writing(), busy as error:
        function(desk, ANN, {"article": article.id})
    assert "try again when that is done" in in_words(error.value)


# --- adding --------------------------------------------------------------------------------------


def test_an_uploaded_article_can_be_asked_about_at_once(empty_desk: Desk) -> None:
    assert desks.add_upload(empty_desk, "bridge.txt", BRIDGE).status == "added"
    shown = ask(empty_desk, "When was the Harwick bridge closed?")
    assert "closed on Friday" in words(shown["turn"])


def test_the_name_of_an_upload_is_a_label_and_no_path(empty_desk: Desk, tmp_path: Path) -> None:
    desks.add_upload(empty_desk, f"../../{tmp_path}/bridge.txt", BRIDGE)
    (article,) = empty_desk.engine.library.listed()
    assert re.fullmatch(r"upload:[0-9a-f]+/bridge\.txt", article.sources[0])
    assert list(tmp_path.rglob("bridge.txt")) == []


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("bridge.pdf", BRIDGE, "not a format that is read"),
        ("bridge.txt", bytes(range(256)) * 4, "binary"),
        ("bridge.txt", b"word " * 30_000, "larger than 0.1 MB"),
        ("bridge.txt", b"", "holds no text"),
    ],
)
def test_an_upload_that_cannot_be_read_is_skipped_with_its_reason(
    empty_desk: Desk, name: str, data: bytes, why: str
) -> None:
    small = replace(empty_desk, settings=Settings(max_megabytes=0.1))
    item = desks.add_upload(small, name, data)
    assert item.status == "skipped"
    assert why in (item.note or "")


def folder_of(desk: Desk) -> Path:
    return desk.allowed[0]


def add(desk: Desk, path: Path | str) -> list[Shown]:
    return list(desks.add_path(desk, ANN, {"named": str(path), "key": "k"}))


def test_a_folder_is_added_file_by_file(desk: Desk) -> None:
    for n in range(3):
        (folder_of(desk) / f"{n}.txt").write_bytes(BRIDGE + b"%d" % n)
    *steps, last = add(desk, folder_of(desk))
    assert [(s["done"], s["total"], s["name"]) for s in steps] == [
        (0, 3, "0.txt"),
        (1, 3, "1.txt"),
        (2, 3, "2.txt"),
    ]
    assert (last["finished"], last["counts"]) == (True, {"added": 3})
    assert {shown["key"] for shown in (*steps, last)} == {"k"}
    assert "cracks" in words(ask(desk, "When was the Harwick bridge closed?")["turn"])


def test_each_file_that_is_skipped_has_a_line_with_the_reason(desk: Desk) -> None:
    (folder_of(desk) / "a.txt").write_bytes(b"")
    (folder_of(desk) / "b.txt").write_bytes(BRIDGE)
    *_, last = steps = add(desk, folder_of(desk))
    (line,) = (line for shown in steps for line in shown["lines"])
    assert words(line).startswith("skipped a.txt")
    assert "holds no text" in words(line)
    assert last["counts"] == {"skipped": 1, "added": 1}


def test_a_file_that_is_gone_meanwhile_is_skipped(desk: Desk) -> None:
    for name in ("a.txt", "b.txt"):
        (folder_of(desk) / name).write_bytes(BRIDGE)
    steps = desks.add_path(desk, ANN, {"named": str(folder_of(desk))})
    next(steps)
    (folder_of(desk) / "b.txt").unlink()
    *_, last = steps
    assert last["counts"] == {"added": 1, "skipped": 1}
    assert "not a file" in words(last["lines"][0])


def outside(desk: Desk, tmp_path: Path) -> Path:
    """A file beside what is allowed, that must not be read."""
    secret = tmp_path / "secret.txt"
    secret.write_bytes(BRIDGE)
    return secret


def test_what_is_not_allowed_is_refused_in_the_same_words_whether_it_is_there_or_not(
    desk: Desk, tmp_path: Path
) -> None:
    secret = outside(desk, tmp_path)
    (folder_of(desk) / "link.txt").symlink_to(secret)
    refused = set()
    for path in (
        secret,
        tmp_path / "nowhere.txt",
        folder_of(desk) / ".." / "secret.txt",
        folder_of(desk) / "nowhere.txt",
        folder_of(desk) / "link.txt",
        f"{folder_of(desk)}-too",
        "/",
        "relative.txt",
        "~",
        "",
        "\0",
        "x" * 5_000,
    ):
        with pytest.raises(BadInput) as error:
            add(desk, path)
        refused.add(str(error.value))
    assert len(refused) == 1


def test_nothing_is_added_by_path_where_no_folder_is_allowed(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        add(replace(desk, allowed=()), outside(desk, tmp_path))


def test_files_of_other_kinds_are_counted(desk: Desk) -> None:
    for name in ("photo.jpg", "report.pdf"):
        (folder_of(desk) / name).write_bytes(BRIDGE)
    *_, last = add(desk, folder_of(desk))
    assert last["counts"]["of other kinds passed over"] == 2


def test_a_link_that_leads_out_of_what_is_allowed_is_not_followed(
    desk: Desk, tmp_path: Path
) -> None:
    secret = outside(desk, tmp_path)
    far = tmp_path / "far"
    far.mkdir()
    (far / "private.txt").write_bytes(BRIDGE)
    (far / "broken.txt").symlink_to(tmp_path / "nowhere")
    (folder_of(desk) / "link.txt").symlink_to(secret)
    (folder_of(desk) / "folder").symlink_to(far)
    *_, last = steps = add(desk, folder_of(desk))
    assert last["counts"]["behind links that lead out of the folder"] == 2
    assert not [name for name in ("secret", "private", "broken") if name in str(steps)]
    assert desk.engine.library.counts()[0] == 2


def test_a_link_within_what_is_allowed_is_followed(desk: Desk) -> None:
    (folder_of(desk) / "near").mkdir()
    (folder_of(desk) / "near" / "a.txt").write_bytes(BRIDGE)
    (folder_of(desk) / "link.txt").symlink_to(folder_of(desk) / "near" / "a.txt")
    *_, last = add(desk, folder_of(desk) / "link.txt")
    assert last["counts"] == {"added": 1}


def test_files_that_cannot_be_written_are_told_one_by_one_and_can_be_added_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else begins to write after the first of three."""
    monkeypatch.setattr(desks, "_WRITE_WAIT_S", 0.01)
    for n in range(3):
        (folder_of(desk) / f"{n}.txt").write_bytes(BRIDGE + b"%d" % n)
    steps = desks.add_path(desk, ANN, {"named": str(folder_of(desk))})
    next(steps)
    next(steps)
    with Library.open(desk.engine.library.folder) as other, other.writing():
        (last,) = steps
    assert last["counts"] == {"added": 1, "not added": 2}
    assert [words(line).split()[1] for line in last["lines"]] == ["1.txt", "2.txt"]
    assert "try again" in words(last["lines"][0])
    assert add(desk, folder_of(desk))[-1]["counts"] == {"unchanged": 1, "added": 2}


def test_a_link_that_leads_nowhere_has_a_line(desk: Desk) -> None:
    (folder_of(desk) / "broken.txt").symlink_to(folder_of(desk) / "nowhere")
    (last,) = add(desk, folder_of(desk))
    assert "broken.txt" in words(last["lines"][0])


@pytest.mark.skipif(os.name == "nt", reason="names are not bytes there")
def test_a_file_whose_name_is_not_utf8_is_skipped_and_can_be_told_of(desk: Desk) -> None:
    Path(os.fsdecode(os.fsencode(folder_of(desk)) + b"/\xff.txt")).write_bytes(BRIDGE)
    *_, last = steps = add(desk, folder_of(desk))
    assert last["counts"] == {"skipped": 1}
    assert "not valid UTF-8" in words(last["lines"][0])
    assert json.dumps(steps, ensure_ascii=False).encode()


# --- chats ---------------------------------------------------------------------------------------


def test_a_chat_opens_as_it_was_with_what_was_thought_of_it(desk: Desk) -> None:
    first = ask(desk, ROWLEY)
    ask(desk, FRANCE, chat=first["chat"])
    desks.rate(desk, ANN, {"turn": turn_id(first), "verdict": "down", "reason": "It was Ann."})
    turns = tree(desks.open_chat(desk, ANN, {"chat": first["chat"]})["html"]["turns"])
    assert [h.text_content() for h in turns.find_class("question")] == [ROWLEY, FRANCE]
    pressed = turns.xpath(".//button[@aria-pressed='true']")
    assert [button.get("data-verdict") for button in pressed] == ["down"]


def test_feedback_is_kept_with_its_reason(desk: Desk) -> None:
    shown = ask(desk, ROWLEY)
    desks.rate(desk, ANN, {"turn": turn_id(shown), "verdict": "down", "reason": "It was Ann."})
    (rated,) = desk.chats.feedback()
    assert (rated.question, rated.verdict, rated.reason) == (ROWLEY, "down", "It was Ann.")


def test_feedback_is_taken_back(desk: Desk) -> None:
    shown = ask(desk, ROWLEY)
    desks.rate(desk, ANN, {"turn": turn_id(shown), "verdict": "down", "reason": "It was Ann."})
    assert desks.rate(desk, ANN, {"turn": turn_id(shown), "verdict": ""}) == {"said": "Taken back."}
    assert list(desk.chats.feedback()) == []


def test_any_other_verdict_is_refused(desk: Desk) -> None:
    shown = ask(desk, ROWLEY)
    with pytest.raises(BadInput):
        desks.rate(desk, ANN, {"turn": turn_id(shown), "verdict": "so-so"})


def listed(desk: Desk, **sent: str) -> list[str]:
    shown = desks.list_chats(desk, ANN, sent)["html"]["chats"]
    return [button.text_content() for button in tree(shown).find_class("chat")]


def test_chats_are_listed_searched_renamed_and_deleted(desk: Desk) -> None:
    first = ask(desk, ROWLEY)
    ask(desk, FRANCE)
    assert listed(desk) == [FRANCE, ROWLEY]
    assert listed(desk, containing="france") == [FRANCE]
    desks.rename_chat(desk, ANN, {"chat": first["chat"], "title": "The <i>Met</i>"})
    assert listed(desk, containing="<i>") == ["The <i>Met</i>"]
    desks.delete_chat(desk, ANN, {"chat": first["chat"]})
    assert listed(desk) == [FRANCE]


OTHERS: dict[str, Callable[[Desk, str, int], object]] = {
    "ask": lambda desk, chat, turn: desks.ask(desk, BOB, {"question": ROWLEY, "chat": chat}),
    "open": lambda desk, chat, turn: desks.open_chat(desk, BOB, {"chat": chat}),
    "rename": lambda desk, chat, turn: desks.rename_chat(desk, BOB, {"chat": chat, "title": "x"}),
    "delete": lambda desk, chat, turn: desks.delete_chat(desk, BOB, {"chat": chat}),
    "rate": lambda desk, chat, turn: desks.rate(desk, BOB, {"turn": turn, "verdict": "up"}),
    "stop": lambda desk, chat, turn: desks.stop_question(desk, BOB, {"chat": chat, "turn": turn}),
    "export": lambda desk, chat, turn: desks.export(desk, BOB, chat, "json"),
    "replace": lambda desk, chat, turn: ask(desk, FRANCE, BOB, chat=chat, replaces=turn),
    "own chat": lambda desk, chat, turn: ask(
        desk, FRANCE, BOB, chat=ask(desk, HEADS, BOB)["chat"], replaces=turn
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_the_chat_of_another_is_unknown_and_stays_as_it_is(desk: Desk, what: str) -> None:
    shown = ask(desk, ROWLEY)
    before = (desk.chats.listed(ANN), desk.chats.turns(ANN, shown["chat"]))
    with pytest.raises(ChatUnknown):
        OTHERS[what](desk, shown["chat"], turn_id(shown))
    assert (desk.chats.listed(ANN), desk.chats.turns(ANN, shown["chat"])) == before


def test_nobody_sees_the_chats_of_another(desk: Desk) -> None:
    ask(desk, ROWLEY)
    assert "No chats yet." in words(desks.list_chats(desk, BOB, {})["html"]["chats"])


@pytest.mark.parametrize(
    "error",
    [
        LibraryBusy("/srv/lib"),
        LibraryMissing("/srv/lib"),
        LibraryUnusable("/srv/lib", "is damaged", "restore it"),
        ModelMissing("/srv/models/a", "is gone", "fetch it"),
        StorageFull("/srv/lib", "disk full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_error_tells_the_browser_where_anything_is_on_the_server(error: RagError) -> None:
    assert "srv" not in in_words(error)


def test_an_error_about_what_was_sent_is_told_as_it_is() -> None:
    assert in_words(BadInput("the question is empty")) == "the question is empty"


def test_a_model_in_a_folder_is_shown_by_the_last_part_of_its_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.engine.embedder, "name", "/srv/models/my-minilm")
    shown = desks.start(desk, ANN, {})
    assert "my-minilm, FAISS" in words(shown["html"]["settings"])
    assert "srv" not in shown["html"]["settings"]


# --- exports -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "media"),
    [("md", "text/markdown"), ("html", "text/html"), ("json", "application/json")],
)
def test_a_chat_is_exported_with_its_answers_and_sources(
    desk: Desk, suffix: str, media: str
) -> None:
    shown = ask(desk, ROWLEY)
    said, text = desks.export(desk, ANN, shown["chat"], suffix)
    assert said == media
    assert "criticised Met Commissioner Sir Mark Rowley" in text
    assert kept(desk, shown).citations[0].title in text


def test_a_chat_is_not_exported_as_anything_else(desk: Desk) -> None:
    shown = ask(desk, ROWLEY)
    with pytest.raises(BadInput, match="pdf"):
        desks.export(desk, ANN, shown["chat"], "pdf")


def test_rag_verify_accepts_an_exported_chat(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = ask(desk, ROWLEY)
    ask(desk, FRANCE, chat=first["chat"])
    file = tmp_path / "chat.json"
    file.write_text(desks.export(desk, ANN, first["chat"], "json")[1], encoding="utf-8")
    assert main(["--library", str(desk.engine.library.folder), "verify", str(file)]) == 0
    file.write_text(file.read_text(encoding="utf-8").replace("Rowley", "Howley"), encoding="utf-8")
    assert main(["--library", str(desk.engine.library.folder), "verify", str(file)]) != 0
    capsys.readouterr()


# --- whatever the browser sends ------------------------------------------------------------------

FIELDS = {
    "ask": "question standalone chat replaces key scope settings scope.since scope.until "
    "scope.outlets scope.articles settings.top settings.model settings.writer settings.strictness",
    "start": "settings settings.top settings.model settings.writer settings.strictness "
    "settings.look",
    "list_articles": "outlet since until containing offset limit",
    "open_article": "article quote answering at",
    "remove_article": "article",
    "undo_removal": "article",
    "add_path": "path key",
    "list_chats": "current containing",
    "open_chat": "chat",
    "rename_chat": "chat title",
    "delete_chat": "chat",
    "rate": "turn verdict reason",
    "stop_question": "key chat turn",
}
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from([ROWLEY, "up", "2014", "2014-13", "0000-01-01", "a1", "/", "9" * 30])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["since", "articles", "top", "x"]), inner)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def forged_desk(
    tmp_path_factory: pytest.TempPathFactory, seeds_folder: Path, embedder: Embedder
) -> Iterator[Desk]:
    folder = shutil.copytree(seeds_folder, tmp_path_factory.mktemp("forged") / "library")
    with opened(folder, embedder, model=SharedModel({"a": "nowhere.gguf"})) as made:
        yield replace(made, allowed=(tmp_path_factory.mktemp("allowed").resolve(),))


def outcome(desk: Desk, name: str, sent: dict[str, Any]) -> str:
    """What the page is sent, or the error in words. Whatever else is raised is a bug."""
    try:
        given = getattr(desks, name)(desk, ANN, sent)
        shown = given[0] if name == "ask" else list(given) if name == "add_path" else given
        return json.dumps(shown, ensure_ascii=False)
    except RagError as error:
        return str(error)


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name in FIELDS for field in FIELDS[name].split()]
)
@settings(max_examples=10)
@given(value=json_values)
@example(value=True)
@example(value=2**53)
@example(value=2**64)
@example(value=-1)
@example(value="\ud800")
@example(value="\0")
@example(value=["\ud800", "\0"])
@example(value=[0, 2**64])
@example(value="x" * 30_000)
def test_whatever_is_sent_gives_what_can_be_shown_or_one_line_that_says_why_not(
    forged_desk: Desk, name: str, field: str, value: object
) -> None:
    """The field's neighbours are as the page sends them."""
    article = forged_desk.engine.library.listed()[0].id
    whole = {"question": ROWLEY, "article": article, "quote": [0, 5], "turn": 1, "verdict": "up"}
    outer, _, inner = field.partition(".")
    told = outcome(forged_desk, name, {**whole, outer: {inner: value} if inner else value})
    assert told.encode()
    assert "\n" not in told


@pytest.mark.parametrize("value", [True, -1, 1.0, 2**53, "1", [1], float("nan")])
def test_what_is_no_whole_number_is_refused(desk: Desk, value: object) -> None:
    with pytest.raises(BadInput):
        desks.list_articles(desk, ANN, {"offset": value})


@pytest.mark.parametrize(
    "question",
    ["Where and when was Mr Kaba shot?", "Summarise the article about Mark Duggan"],
)
def test_parts_and_summaries_stay_in_quotes(question: str, desk: Desk) -> None:
    shown, wording = desks.ask(desk, ANN, {"question": question, "key": "k"})
    assert wording is None
    assert shown["wording"] is False
