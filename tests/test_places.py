"""Whose turn it is to have a question looked up, and what waits to be worded."""

import asyncio
from typing import Any, cast

import pytest

from rag.composing import Found
from rag.errors import RagError
from ui.desk import Wording
from ui.places import QUEUE, Places, Turns, Unworded

ANN, BOB = "ann", "bob"


# --- turns ---------------------------------------------------------------------------------------


async def held(turns: Turns, owner: str, done: asyncio.Event, noted: list[str]) -> None:
    """A question under its owner's name as its key."""
    async with turns.turn(owner, owner):
        noted.append(owner)
        await done.wait()


async def begun(turns: Turns, owners: list[str], noted: list[str]) -> tuple[asyncio.Event, Any]:
    """All of them have asked; `set` the event, and await the rest, to let them end."""
    done = asyncio.Event()
    asking = asyncio.gather(*(held(turns, owner, done, noted) for owner in owners))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return done, asking


def test_so_many_have_their_turn_at_once_and_the_others_after_them_in_order() -> None:
    async def ask() -> None:
        noted: list[str] = []
        done, asking = await begun(Turns(2), ["a", "b", "c", "d"], noted)
        assert noted == ["a", "b"]
        done.set()
        await asking
        assert noted == ["a", "b", "c", "d"]

    asyncio.run(ask())


def test_one_who_has_many_questions_waiting_is_refused_and_nobody_else() -> None:
    async def ask() -> None:
        turns, noted = Turns(1), list[str]()
        done, asking = await begun(turns, [ANN] * 5, noted)
        with pytest.raises(RagError, match="your questions"):
            async with turns.turn(ANN, "6"):
                pass
        after, bobs = await begun(turns, [BOB], noted)
        done.set()
        after.set()
        await asyncio.gather(asking, bobs)
        assert noted == [ANN] * 5 + [BOB]

    asyncio.run(ask())


def test_where_too_many_wait_one_more_is_refused_and_later_taken() -> None:
    async def ask() -> None:
        turns, noted = Turns(1), list[str]()
        done, asking = await begun(turns, [str(n) for n in range(QUEUE)], noted)
        with pytest.raises(RagError, match="Too many"):
            async with turns.turn(ANN, "1"):
                pass
        done.set()
        await asking
        async with turns.turn(ANN, "1"):
            noted.append(ANN)
        assert noted[-1] == ANN

    asyncio.run(ask())


def test_a_turn_that_fails_is_free_for_the_next() -> None:
    async def ask() -> None:
        turns = Turns(1)
        with pytest.raises(ValueError, match="it failed"):
            async with turns.turn(ANN, "1"):
                raise ValueError("it failed")
        async with turns.turn(ANN, "2"):
            pass

    asyncio.run(ask())


def test_a_question_that_waits_is_told_how_many_are_before_it() -> None:
    """Those that are looked up are before it too, and it is told to its owner alone."""

    async def ask() -> None:
        turns, noted = Turns(2), list[str]()
        people = ["a", "b", "c", "d"]
        done, asking = await begun(turns, people, noted)
        assert [turns.ahead(one, one) for one in people] == [0, 0, 2, 3]
        assert turns.ahead(ANN, "d") == turns.ahead("d", "another") == 0
        done.set()
        await asking
        assert [turns.ahead(one, one) for one in people] == [0] * 4

    asyncio.run(ask())


def test_a_question_that_is_given_up_while_it_waits_is_before_nobody() -> None:
    async def ask() -> None:
        turns, noted = Turns(1), list[str]()
        done, asking = await begun(turns, ["a"], noted)
        gone = asyncio.create_task(held(turns, "b", done, noted))
        after, last = await begun(turns, ["c"], noted)
        assert turns.ahead("c", "c") == 2
        gone.cancel()
        await asyncio.sleep(0)
        assert turns.ahead("c", "c") == 1
        done.set()
        after.set()
        await asyncio.gather(asking, last)
        assert noted == ["a", "c"]

    asyncio.run(ask())


# --- what waits to be worded ---------------------------------------------------------------------


def wording(owner: str, key: str) -> Wording:
    return Wording(owner, key, "chat", 1, cast(Found, None), "model")


def test_what_is_worded_is_what_was_asked_under_that_key_however_much_was_asked_since() -> None:
    unworded = Unworded()
    first, second = wording(ANN, "1"), wording(ANN, "2")
    for one in (first, second):
        unworded.keep(one)
    assert unworded.take(ANN, "2") is second
    assert unworded.take(ANN, "1") is first


def test_nothing_is_worded_twice() -> None:
    unworded = Unworded()
    unworded.keep(wording(ANN, "1"))
    assert unworded.take(ANN, "1")
    assert unworded.take(ANN, "1") is None


def test_the_key_of_another_means_nothing() -> None:
    unworded = Unworded()
    unworded.keep(wording(ANN, "1"))
    assert unworded.take(BOB, "1") is None


def test_one_who_asks_on_and_on_displaces_only_their_own() -> None:
    unworded = Unworded()
    bobs = wording(BOB, "1")
    unworded.keep(bobs)
    for n in range(2 * QUEUE):
        unworded.keep(wording(ANN, str(n)))
    assert unworded.take(ANN, "0") is None
    assert unworded.take(ANN, str(2 * QUEUE - 1))
    assert unworded.take(BOB, "1") is bobs


def test_of_all_that_waits_only_so_much_is_kept() -> None:
    unworded = Unworded()
    for n in range(QUEUE + 1):
        unworded.keep(wording(str(n), "1"))
    assert unworded.take("0", "1") is None
    assert unworded.take("1", "1")


# --- pages that are forgotten ---------------------------------------------------------------------


def test_a_page_that_is_forgotten_takes_its_waiting_events_along() -> None:
    import gradio as gr
    from gradio.queueing import Event

    async def forget() -> None:
        with gr.Blocks(analytics_enabled=False) as app:
            gr.Button().click(lambda: None)
        app.queue()
        queue, fn = app._queue, next(iter(app.fns.values()))
        queue.create_event_queue_for_fn(fn)
        (waiting,) = queue.event_queue_per_concurrency_id.values()
        for tab in ("gone", "open"):
            event = Event(tab, fn, cast(Any, None), None)
            waiting.queue.append(event)
            queue.event_ids_to_events[event._id] = event
            queue.pending_messages_per_session[tab] = cast(Any, asyncio.Queue())
        Places(app).forget("gone")
        assert [event.session_hash for event in waiting.queue] == ["open"]
        assert len(queue.event_ids_to_events) == 1
        queue.broadcast_estimations(waiting.concurrency_id, 0)  # it would fail for a page it lacks

    asyncio.run(forget())
