"""The Gradio app: one gr.HTML holds the page; here its events and calls meet `ui/desk.py`."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from anyio.to_thread import run_sync

from rag.errors import ChatUnknown, RagError
from rag.machine import physical_cores
from ui import desk as desks
from ui.desk import Desk, Shown, in_words
from ui.places import QUEUE, Turns, Unworded

_HERE = Path(__file__).parent
_GONE = "This answer can no longer be worded; ask again for that. Its quotes stand as they are."
_BROKEN = "Something went wrong that is not your doing. What it was is in the program’s log."
_log = logging.getLogger("rag.ui")

# What the page calls by name. None has a public API name: they are for the page alone.
_SERVED = (
    desks.library,
    desks.examples,
    desks.stop_question,
    desks.list_articles,
    desks.open_article,
    desks.remove_article,
    desks.undo_removal,
    desks.list_chats,
    desks.open_chat,
    desks.rename_chat,
    desks.delete_chat,
    desks.rate,
)


def build(desk: Desk) -> gr.Blocks:
    """The app. Questions are looked up `physical_cores()` at a time, worded one at a time."""
    app = gr.Blocks(title="rag", analytics_enabled=False)
    unworded, turns = Unworded(), Turns(physical_cores())
    served = (_served(desk, function) for function in _SERVED)
    with app:
        page = gr.HTML(
            html_template=_text("page.html"),
            js_on_load="".join(map(_text, ("page.js", "adding.js"))),
            apply_default_css=False,
            server_functions=[_start(desk), _ask(desk, unworded, turns), _place(turns), *served],
        )
        place = gr.HTML(elem_id="place")  # where Gradio says one's place in the queue
        private: dict[str, Any] = {"api_visibility": "private", "trigger_mode": "multiple"}
        wording = page.word(
            _worded(desk, unworded),
            None,
            page,
            concurrency_limit=1,
            show_progress="full",
            show_progress_on=place,
            **private,
        )
        adding = page.addPath(
            _added(desk), None, page, concurrency_limit=1, show_progress="hidden", **private
        )
        page.stop(None, cancels=[wording], **private)
        page.stopAdding(None, cancels=[adding], **private)
    app.queue(api_open=False, max_size=QUEUE, status_update_rate=1)
    return app


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _owner(request: gr.Request) -> str:
    owner: str = request.state.owner  # which the guard has set
    return owner


def _served(desk: Desk, function: Callable[[Desk, str, Any], Shown]) -> Callable[..., Shown]:
    """The function as the page calls it: what it raises comes back as words."""

    def served(data: Any, request: gr.Request) -> Shown:
        return _told(lambda: function(desk, _owner(request), _mapping(data)))

    served.__name__ = function.__name__
    return served


def _start(desk: Desk) -> Callable[..., Shown]:
    def start(data: Any, request: gr.Request) -> Shown:
        person: str | None = request.state.user
        return _told(lambda: desks.start(desk, _owner(request), _mapping(data), person))

    return start


def _ask(desk: Desk, unworded: Unworded, turns: Turns) -> Callable[..., Awaitable[Shown]]:
    """Not an event of the queue, which costs more of Python's time than a question does."""

    async def ask(data: Any, request: gr.Request) -> Shown:
        sent, owner = _mapping(data), _owner(request)

        def answer() -> Shown:
            with desk.model.resting():
                shown, wording = desks.ask(desk, owner, sent)
            if wording is not None:
                unworded.keep(wording)
            return shown

        try:
            async with turns.turn(owner, _key(sent) or ""):
                if await request.is_disconnected():  # nobody waits for it any more
                    return {}
                return await run_sync(_told, answer)
        except RagError as error:
            return {"error": _told_of(error)}

    return ask


def _place(turns: Turns) -> Callable[..., Awaitable[Shown]]:
    async def place(data: Any, request: gr.Request) -> Shown:
        return {"ahead": turns.ahead(_owner(request), _key(_mapping(data)) or "")}

    return place


def _worded(desk: Desk, unworded: Unworded) -> Callable[..., Iterator[Any]]:
    def words(event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        key = _key(_mapping(event._data))
        wording = unworded.take(_owner(request), key or "")
        if wording is None:
            yield {"key": key, "error": _GONE}
        else:
            yield from _told_each(key, desks.word(desk, wording))

    return words


def _added(desk: Desk) -> Callable[..., Iterator[Any]]:
    def added(event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        sent = _mapping(event._data)
        for shown in _told_each(_key(sent), desks.add_path(desk, _owner(request), sent)):
            yield {"stage": "adding", **shown}

    return added


def _mapping(sent: Any) -> dict[str, Any]:
    return sent if isinstance(sent, dict) else {}


def _key(sent: dict[str, Any]) -> str | None:
    # Gradio fetches, or copies, what an output calls a file: nothing else than a text goes back.
    key = sent.get("key")
    return key if isinstance(key, str) and len(key) <= 100 and key.isascii() else None


def _told(do: Callable[[], Shown]) -> Shown:
    """What `do` gives, or its error in words: nobody is shown a traceback."""
    try:
        return do()
    except ChatUnknown as error:  # where any other fails, the chat may still be there
        return {"error": _told_of(error), "gone": True}
    except RagError as error:
        return {"error": _told_of(error)}
    except Exception:
        _log.exception("a request of the page failed")
        return {"error": _BROKEN}


def _told_each(key: str | None, shown: Iterator[Shown]) -> Iterator[Shown]:
    try:
        yield from shown
    except RagError as error:
        yield {"key": key, "error": _told_of(error)}
    except Exception:
        _log.exception("a request of the page failed")
        yield {"key": key, "error": _BROKEN}


def _told_of(error: RagError) -> str:
    told = in_words(error)
    if told != str(error):  # the log has what the page does not say
        _log.error("%s", error)
    return told
