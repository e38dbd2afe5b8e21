"""The Gradio app: one gr.HTML holds the page; here its events and calls meet `ui/desk.py`."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.machine import physical_cores
from ui import desk as desks
from ui.desk import Desk, Shown, Wording

_HERE = Path(__file__).parent
_QUEUE = 200  # questions that may wait; one more is told to come back
_BROKEN = "Something went wrong that is not your doing. What it was is in the program’s log."
_log = logging.getLogger("rag.ui")

# What the page calls by name. None has a public API name: they are for the page alone.
_SERVED = (
    desks.library,
    desks.examples,
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
    """The app. Questions are answered `physical_cores()` at a time, worded one at a time."""
    app = gr.Blocks(title="rag", analytics_enabled=False)
    with app:
        page = gr.HTML(
            html_template=_text("page.html"),
            js_on_load="".join(map(_text, ("page.js", "adding.js"))),
            apply_default_css=False,
            server_functions=[_start(desk), *(_served(desk, function) for function in _SERVED)],
        )
        place = gr.HTML(elem_id="place")  # where Gradio says one's place in the queue
        waiting: dict[str, Wording] = {}  # by Gradio's session: what its page asked last
        private: dict[str, Any] = {"api_visibility": "private", "trigger_mode": "multiple"}
        asking = page.ask(
            _asked(desk, waiting),
            None,
            page,
            concurrency_limit=physical_cores(),
            show_progress="full",
            show_progress_on=place,
            **private,
        )
        wording = page.word(
            _worded(desk, waiting),
            None,
            page,
            concurrency_limit=1,
            show_progress="hidden",
            **private,
        )
        adding = page.addPath(
            _added(desk), None, page, concurrency_limit=1, show_progress="hidden", **private
        )
        page.stop(None, cancels=[asking, wording], **private)
        page.stopAdding(None, cancels=[adding], **private)
    app.queue(api_open=False, max_size=_QUEUE, status_update_rate=1)
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


def _asked(desk: Desk, waiting: dict[str, Wording]) -> Callable[..., Shown]:
    def asked(event: gr.EventData, request: gr.Request) -> Shown:
        sent = _mapping(event._data)

        def answer() -> Shown:
            with desk.model.resting():
                shown, wording = desks.ask(desk, _owner(request), sent)
            if wording is not None:
                _keep(waiting, str(request.session_hash), wording)
            return shown

        return {"key": _key(sent), **_told(answer)}

    return asked


def _keep(waiting: dict[str, Wording], session: str, wording: Wording) -> None:
    """No more than may be queued: what is dropped stands in quotes, and stays so.

    With gr.State for this, each tab would hold a connection open, of which a browser allows six.
    """
    waiting[session] = wording
    for oldest in list(waiting)[:-_QUEUE]:
        waiting.pop(oldest, None)


def _worded(desk: Desk, waiting: dict[str, Wording]) -> Callable[..., Iterator[Any]]:
    def words(request: gr.Request) -> Iterator[Any]:
        wording = waiting.pop(str(request.session_hash), None)
        if wording is None:
            yield gr.skip()
            return
        yield from _told_each(wording.key, desks.word(desk, wording))

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
    except RagError as error:
        return {"error": str(error)}
    except Exception:
        _log.exception("a request of the page failed")
        return {"error": _BROKEN}


def _told_each(key: str | None, shown: Iterator[Shown]) -> Iterator[Shown]:
    try:
        yield from shown
    except RagError as error:
        yield {"key": key, "error": str(error)}
    except Exception:
        _log.exception("a request of the page failed")
        yield {"key": key, "error": _BROKEN}
