"""How much of Gradio's queue and memory one visitor, and all of them, may take."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

_EACH = 5  # events of one visitor that wait or are at work: three questions, a wording, a folder
_UNREAD = 100  # messages that a page has not fetched; one that is open fetches them at once


class Places:
    """The bounds on what Gradio keeps for pages, which has none of its own for some of it."""

    def __init__(self, app: "gr.Blocks") -> None:
        self._app = app

    def taken(self, owner: str, tab: str) -> bool:
        """Whether the owner must wait before that page of theirs may set off another event."""
        queue = self._app._queue
        events = queue.event_ids_to_events.values()
        at_work = sum(event.request.state.owner == owner for event in events)
        unread = queue.pending_messages_per_session.get(tab)
        return at_work >= _EACH or (unread is not None and unread.qsize() > _UNREAD)

    def forget(self, tab: str) -> None:
        """Drops what is kept for a page: its answers, its messages, what waits to be worded."""
        queue, states = self._app._queue, self._app.state_holder
        queue.pending_messages_per_session.pop(tab, None)
        queue.pending_event_ids_session.pop(tab, None)
        states.session_data.pop(tab, None)
        states.time_last_used.pop(tab, None)
