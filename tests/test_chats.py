"""Saved chats: each owner's own, searched, changed and rated."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import store

from rag.answer import Answer
from rag.chats import REASON_LIMIT, SCHEMA, TITLE_LIMIT, Chats, one_line
from rag.errors import BadInput, ChatUnknown, LibraryMissing, LibraryUnusable, StorageFull
from rag.library import Library

ANN, BOB = "ann", "bob"


def answer(question: str, text: str = "The bridge was closed. [1]") -> Answer:
    """An answer of which only what is searched matters."""
    return Answer.from_json(
        {
            **{"version": 1, "question": question, "standalone_question": question},
            **{"answer": text, "short_answer": None, "short_answers": [], "abstained": False},
            **{"confidence": None, "method": "quoted", "claims": [], "citations": []},
            **{
                "parts": [],
                "conflicts": [],
                "nearest": [],
                "timings": {"total_s": 0.5},
                "models": {"llm": None},
            },
        }
    )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library", "a-model", "its-weights", 8) as made:
        yield made


@pytest.fixture
def chats(library: Library) -> Iterator[Chats]:
    with Chats(library.folder) as opened:
        yield opened


def titles(chats: Chats, containing: str = "", owner: str = ANN) -> list[str]:
    return [chat.title for chat in chats.listed(owner, containing)]


def questions(chats: Chats, chat_id: str, owner: str = ANN) -> list[str]:
    return [saved.answer.question for saved in chats.turns(owner, chat_id)]


# --- keeping -------------------------------------------------------------------------------------


def test_a_turn_comes_back_as_it_was_added(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    added = chats.add(ANN, chat.id, answer("Who closed it?"))
    assert chats.turns(ANN, chat.id) == [added]
    assert added.answer == answer("Who closed it?")
    assert added.feedback is None


def test_a_chat_begins_with_its_first_turn(chats: Chats) -> None:
    chat_id, added = chats.start_with(ANN, "Bridges", answer("Who closed it?"))
    assert titles(chats) == ["Bridges"]
    assert chats.turns(ANN, chat_id) == [added]


def test_a_chat_whose_first_turn_cannot_be_kept_does_not_begin(
    library: Library, chats: Chats
) -> None:
    with closing(sqlite3.connect(library.folder / "library.db")) as db:
        db.execute("CREATE TRIGGER no BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, ''); END")
    with pytest.raises(LibraryUnusable):
        chats.start_with(ANN, "Bridges", answer("Who closed it?"))
    assert titles(chats) == []


def test_chats_outlive_the_process_that_saved_them(library: Library) -> None:
    with Chats(library.folder) as chats:
        chat = chats.start(ANN, "Bridges")
        chats.add(ANN, chat.id, answer("Who?"))
    with Chats(library.folder) as chats:
        assert questions(chats, chat.id) == ["Who?"]


def test_times_are_utc_and_of_now(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    added = chats.add(ANN, chat.id, answer("Who?"))
    given = chats.rate(ANN, added.id, "up").given
    for moment in (chat.started, chat.changed, added.asked, given):
        assert moment.utcoffset() == timedelta(0)
        assert timedelta(0) <= datetime.now(UTC) - moment < timedelta(minutes=1)


def test_turns_come_in_the_order_of_asking_and_are_counted(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    for question in "abc":
        chats.add(ANN, chat.id, answer(question))
    assert questions(chats, chat.id) == ["a", "b", "c"]
    assert (chat.turns, chats.chat(ANN, chat.id).turns) == (0, 3)


def test_an_answer_worded_since_takes_the_place_of_the_turns_own(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    turn = chats.add(ANN, chat.id, answer("Who?", "The council. [1]"))
    chats.add(ANN, chat.id, answer("When?"))
    chats.amend(ANN, turn.id, answer("Who?", "The mayor. [1]"))
    assert chats.turns(ANN, chat.id)[0].answer.answer == "The mayor. [1]"
    assert (titles(chats, "the mayor"), titles(chats, "the council")) == (["Bridges"], [])


def test_a_question_asked_in_other_words_takes_its_place_and_that_of_all_later(
    chats: Chats,
) -> None:
    chat, other = chats.start(ANN, "Bridges"), chats.start(ANN, "Another")
    turns = [chats.add(ANN, chat.id, answer(q)) for q in "abc"]
    chats.add(ANN, other.id, answer("later, in another chat"))
    chats.add(ANN, chat.id, answer("B"), replaces=turns[1].id)
    assert questions(chats, chat.id) == ["a", "B"]
    assert len(questions(chats, other.id)) == 1


def test_a_turn_of_another_chat_is_not_replaced(chats: Chats) -> None:
    chat, other = chats.start(ANN, "Bridges"), chats.start(ANN, "Another")
    turn = chats.add(ANN, other.id, answer("a"))
    with pytest.raises(ChatUnknown):
        chats.add(ANN, chat.id, answer("b"), replaces=turn.id)
    assert (questions(chats, chat.id), questions(chats, other.id)) == ([], ["a"])


def test_a_deleted_chat_is_gone_with_its_turns_and_their_feedback(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    turn = chats.add(ANN, chat.id, answer("Who?"))
    chats.rate(ANN, turn.id, "down", "wrong bridge")
    chats.delete(ANN, chat.id)
    assert (chats.listed(ANN), list(chats.feedback())) == ([], [])
    with pytest.raises(ChatUnknown):
        chats.turns(ANN, chat.id)
    with pytest.raises(ChatUnknown):
        chats.rate(ANN, turn.id, "up")


def test_the_id_of_a_deleted_turn_is_not_used_again(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    first = chats.add(ANN, chat.id, answer("a"))
    assert chats.add(ANN, chat.id, answer("b"), replaces=first.id).id != first.id


# --- listing and searching -----------------------------------------------------------------------


def test_the_chat_that_changed_last_is_listed_first(chats: Chats) -> None:
    made = [chats.start(ANN, title) for title in ("one", "two", "three")]
    assert titles(chats) == ["three", "two", "one"]
    chats.add(ANN, made[0].id, answer("Who?"))
    assert titles(chats) == ["one", "three", "two"]
    chats.rename(ANN, made[1].id, "TWO")
    assert titles(chats) == ["TWO", "one", "three"]


def test_a_long_list_comes_in_pages(chats: Chats) -> None:
    for number in range(5):
        chats.start(ANN, str(number))
    pages = [chats.listed(ANN, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [[chat.title for chat in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"], []]
    assert chats.listed(ANN, limit=-1, offset=2**70) == []


@pytest.mark.parametrize("words", ["old BRIDGE", "who closed", "ÉCOLE", "straße", "e\u0301cole"])
def test_search_finds_title_questions_and_answers_in_any_case(words: str, chats: Chats) -> None:
    chat = chats.start(ANN, "The old bridge")
    chats.add(ANN, chat.id, answer("Who\nclosed it?", "L’école in the STRASSE. [1]"))
    chats.start(ANN, "Another")
    assert titles(chats, words) == ["The old bridge"]


@pytest.mark.parametrize("wildcard", ["%", "_", "o%d", "\\", "*", "'", "\0x", "\ud800"])
def test_what_are_wildcards_elsewhere_are_letters_here(wildcard: str, chats: Chats) -> None:
    chats.start(ANN, "The old bridge")
    assert titles(chats, wildcard) == []


def test_a_wildcard_finds_itself(chats: Chats) -> None:
    chats.start(ANN, "100% of them")
    chats.start(ANN, "100 of them")
    assert titles(chats, "100%") == ["100% of them"]


# --- titles and reasons --------------------------------------------------------------------------


def test_a_chat_can_be_given_another_title(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    assert chats.rename(ANN, chat.id, "Roads").title == "Roads"
    assert (titles(chats, "bridges"), titles(chats, "roads")) == ([], ["Roads"])


@pytest.mark.parametrize(
    ("given_title", "kept"),
    [
        ("two\nlines\tand\u2028more", "two lines and more"),
        ("\x1b[31mred\0\ud800", "[31mred"),
        ("\u202egpj.exe\u2066", "gpj.exe"),
        ("نامه\u200cها 👩\u200d🚒", "نامه\u200cها 👩\u200d🚒"),
        ("", "Untitled"),
        ("\u200d \n\u202e", "Untitled"),
    ],
)
def test_a_title_is_one_line_that_can_be_seen(given_title: str, kept: str, chats: Chats) -> None:
    assert chats.start(ANN, given_title).title == kept
    assert titles(chats) == [kept]


@given(st.text(st.characters()))
def test_a_title_is_never_empty_nor_too_long(text: str) -> None:
    line = one_line(text, TITLE_LIMIT)
    assert 1 <= len(line) <= TITLE_LIMIT
    assert line.encode()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line)


def test_a_long_title_is_cut_with_a_sign_of_it(chats: Chats) -> None:
    assert chats.start(ANN, "x" * 10_000).title == "x" * 119 + "…"


def test_a_long_reason_is_cut_and_an_odd_one_kept(chats: Chats) -> None:
    turn = chats.add(ANN, chats.start(ANN, "Bridges").id, answer("Who?"))
    assert len(chats.rate(ANN, turn.id, "down", "x" * 10_000).reason) == REASON_LIMIT
    kept = chats.rate(ANN, turn.id, "down", "two\nlines\0\ud800")
    assert kept.reason == "two\nlines?"
    assert [f.reason for f in chats.feedback()] == [kept.reason]


@pytest.mark.parametrize("odd", ["\ud800", "a\0b", "‮", "'; DROP TABLE chats; --", "x" * 100_000])
def test_odd_characters_in_questions_and_owners_are_kept(odd: str, chats: Chats) -> None:
    chat = chats.start(odd, odd)
    added = chats.add(odd, chat.id, answer(odd, odd))
    assert chats.turns(odd, chat.id) == [added]
    assert len(chats.listed(odd, odd)) == 1


def test_what_was_thought_of_an_answer_outlasts_asking_again(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    first = chats.add(ANN, chat.id, answer("Who?"))
    chats.rate(ANN, first.id, "down", "It was not him.")
    second = chats.add(ANN, chat.id, answer("Who?"), replaces=first.id)
    chats.rate(ANN, second.id, "up")
    assert [turn.id for turn in chats.turns(ANN, chat.id)] == [second.id]
    assert [(f.verdict, f.reason) for f in chats.feedback()] == [
        ("down", "It was not him."),
        ("up", ""),
    ]
    chats.delete(ANN, chat.id)
    assert list(chats.feedback()) == []


# --- owners --------------------------------------------------------------------------------------

DEEDS: dict[str, Callable[[Chats, str, str, int], object]] = {
    "chat": lambda chats, owner, chat_id, _: chats.chat(owner, chat_id),
    "turns": lambda chats, owner, chat_id, _: chats.turns(owner, chat_id),
    "add": lambda chats, owner, chat_id, _: chats.add(owner, chat_id, answer("Who?")),
    "amend": lambda chats, owner, _, turn_id: chats.amend(owner, turn_id, answer("Who?", "No.")),
    "replace": lambda chats, owner, c, turn: chats.add(owner, c, answer("Who?"), replaces=turn),
    "rename": lambda chats, owner, chat_id, _: chats.rename(owner, chat_id, "Mine"),
    "delete": lambda chats, owner, chat_id, _: chats.delete(owner, chat_id),
    "rate": lambda chats, owner, _, turn_id: chats.rate(owner, turn_id, "down"),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("owner", [BOB, "", "Ann", "ann\0", "%", "\ud800"])
def test_anothers_chat_is_as_unknown_as_one_that_does_not_exist(
    deed: str, owner: str, chats: Chats
) -> None:
    """Whether it exists cannot be told from the error, and nothing of it changes."""
    chat = chats.start(ANN, "Bridges")
    turn = chats.add(ANN, chat.id, answer("Who?"))
    before = (chats.listed(ANN), chats.turns(ANN, chat.id))
    with pytest.raises(ChatUnknown) as theirs:
        DEEDS[deed](chats, owner, chat.id, turn.id)
    with pytest.raises(ChatUnknown) as nobodys:
        DEEDS[deed](chats, owner, "no-such-chat", 999)
    own = chat.id if chat.id in str(theirs.value) else str(turn.id)
    missing = "no-such-chat" if own == chat.id else "999"
    assert str(theirs.value).replace(own, "…") == str(nobodys.value).replace(missing, "…")
    assert (chats.listed(ANN), chats.turns(ANN, chat.id)) == before
    assert chats.listed(owner) == []


@pytest.mark.parametrize("chat_id", ["", "\ud800", "é", "a\0b", "x" * 100_000])
@pytest.mark.parametrize("turn_id", [0, -1, 2**63, -(2**70)])
def test_an_impossible_id_is_an_unknown_one(chat_id: str, turn_id: int, chats: Chats) -> None:
    chats.add(ANN, chats.start(ANN, "Bridges").id, answer("Who?"))
    for deed in DEEDS.values():
        with pytest.raises(ChatUnknown, match="no such chat"):
            deed(chats, ANN, chat_id, turn_id)


def test_the_id_of_a_chat_cannot_be_guessed(chats: Chats) -> None:
    ids = {chats.start(ANN, "Bridges").id for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"[\w-]{22}", chat_id) for chat_id in ids)  # 128 bits


# --- feedback ------------------------------------------------------------------------------------


def test_a_verdict_stands_by_its_turn_and_a_later_one_replaces_it(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    turn = chats.add(ANN, chat.id, answer("Who?"))
    chats.rate(ANN, turn.id, "up", "well found")
    last = chats.rate(ANN, turn.id, "down")
    assert [saved.feedback for saved in chats.turns(ANN, chat.id)] == [last]
    assert (last.verdict, last.reason) == ("down", "")


def test_a_verdict_is_up_or_down(chats: Chats) -> None:
    turn = chats.add(ANN, chats.start(ANN, "Bridges").id, answer("Who?"))
    with pytest.raises(BadInput, match="sideways: not a verdict"):
        chats.rate(ANN, turn.id, "sideways")  # type: ignore[arg-type]


def test_a_verdict_does_not_move_its_chat_up_the_list(chats: Chats) -> None:
    turn = chats.add(ANN, chats.start(ANN, "one").id, answer("Who?"))
    chats.start(ANN, "two")
    chats.rate(ANN, turn.id, "up")
    assert titles(chats) == ["two", "one"]


def test_all_rated_answers_are_given_to_the_evaluation_without_their_owners(chats: Chats) -> None:
    """More than are in memory at once, and none that nobody rated."""
    chat = {owner: chats.start(owner, "Bridges").id for owner in (ANN, BOB)}
    for number in range(250):
        owner = (ANN, BOB)[number % 2]
        turn = chats.add(owner, chat[owner], answer(str(number)))
        if number % 10:
            chats.rate(owner, turn.id, "up", "good")
    rated = list(chats.feedback())
    assert [r.question for r in rated] == [str(n) for n in range(250) if n % 10]
    assert {(r.verdict, r.reason) for r in rated} == {("up", "good")}
    assert rated[0].answer == answer("1")
    assert not any("owner" in name for name in type(rated[0]).__slots__)


# --- beside the library --------------------------------------------------------------------------


def test_saving_takes_no_writers_turn_and_makes_no_generation(
    library: Library, chats: Chats
) -> None:
    """Articles are being written meanwhile, and the indexes need not follow."""
    with library.writing():
        store(library, "A text.")
        before = library.generation
        chat = chats.start(ANN, "Bridges")
        chats.rate(ANN, chats.add(ANN, chat.id, answer("Who?")).id, "up")
    assert library.generation == before


def test_reading_waits_for_nobody(library: Library, chats: Chats) -> None:
    """Not even for a transaction in which another process writes."""
    chat = chats.start(ANN, "Bridges")
    with sqlite3.connect(library.folder / "library.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert chats.chat(ANN, chat.id) == chat
        other.execute("ROLLBACK")
    other.close()


def test_many_threads_save_and_read_at_once(chats: Chats) -> None:
    def one_person(number: int) -> list[str]:
        owner = f"person {number}"
        chat = chats.start(owner, "Bridges")
        for question in "abcde":
            turn = chats.add(owner, chat.id, answer(question))
            chats.rate(owner, turn.id, "up")
            chats.listed(owner, "bridge")
        return questions(chats, chat.id, owner)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(one_person, range(20))) == [list("abcde")] * 20
    assert len(list(chats.feedback())) == 100


def test_two_processes_share_the_chats(library: Library) -> None:
    with Chats(library.folder) as one, Chats(library.folder) as two:
        chat = one.start(ANN, "Bridges")
        two.add(ANN, chat.id, answer("Who?"))
        assert questions(one, chat.id) == ["Who?"]


def test_all_that_open_a_library_first_at_once_can_save(library: Library) -> None:
    start = threading.Barrier(8)

    def opened(number: int) -> int:
        start.wait()
        with Chats(library.folder) as chats:
            chats.start(ANN, str(number))
            return number

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(opened, range(8)))
    with Chats(library.folder) as chats:
        assert sorted(titles(chats)) == [str(number) for number in range(8)]


@contextmanager
def nothing_can_be_written() -> Iterator[None]:
    """No file of this process may grow: as on a full disk."""
    resource = pytest.importorskip("resource", reason="limits on a file's size are POSIX's")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_library_that_cannot_be_written_has_no_chats_until_one_is_saved(
    library: Library,
) -> None:
    with nothing_can_be_written():
        chats = Chats(library.folder)
        assert (chats.listed(ANN), list(chats.feedback())) == ([], [])
        with pytest.raises(ChatUnknown):
            chats.turns(ANN, "a-chat")
        with pytest.raises(StorageFull, match="stored before is safe"):
            chats.start(ANN, "Bridges")
    chats.start(ANN, "Bridges")
    assert titles(chats) == ["Bridges"]
    chats.close()


def test_a_chat_that_could_not_be_saved_leaves_the_others_as_they_were(chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    with nothing_can_be_written(), pytest.raises(StorageFull):
        chats.add(ANN, chat.id, answer("Who?" * 10_000))
    assert chats.chat(ANN, chat.id) == chat
    chats.add(ANN, chat.id, answer("Who?"))
    assert questions(chats, chat.id) == ["Who?"]


def test_there_are_no_chats_without_a_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        Chats(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage", ["answer = '{'", "answer = '{}'", "asked = 'today'", "answer = '[1]'"]
)
def test_a_damaged_turn_is_said_to_be_so(damage: str, library: Library, chats: Chats) -> None:
    chat = chats.start(ANN, "Bridges")
    chats.add(ANN, chat.id, answer("Who?"))
    with sqlite3.connect(library.folder / "library.db") as db:
        db.execute(f"UPDATE turns SET {damage}")
    db.close()
    with pytest.raises(LibraryUnusable, match="has a damaged"):
        chats.turns(ANN, chat.id)


def test_every_column_is_explained() -> None:
    for line in re.findall(r"^    .*$", SCHEMA, re.M):
        assert "--" in line or line.split()[0] in {"id", "chat"}, line
