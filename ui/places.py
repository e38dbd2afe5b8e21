"""How much of Gradio's queue and memory one visitor, and all of them, may take."""

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

_EACH = 5  # events of one visitor that wait or are at work: three questions, a wording, a folder
_UNREAD = 100  # messages that a page has not fetched; one that is open fetches them at once


class Places:
    """The bounds on what Gradio keeps for pages: for some of it it has none of its own."""

    def __init__(self, app: "gr.Blocks") -> None:
        self._app = app

    def taken(self, owner: str, tab: str) -> bool:
        """Whether the owner must wait before that page of theirs may set off another event."""
        queue = self._app._queue
        waiting = [one.queue for one in queue.event_queue_per_concurrency_id.values()]
        events = chain(*waiting, *(job for job in queue.active_jobs if job))
        taken = sum(event.request.state.owner == owner for event in events)
        unread = queue.pending_messages_per_session.get(tab)
        return taken >= _EACH or (unread is not None and unread.qsize() > _UNREAD)

    def forget(self, tab: str) -> None:
        """Drops what is kept for a page: the answers it was given, and messages not fetched."""
        queue, states = self._app._queue, self._app.state_holder
        queue.pending_messages_per_session.pop(tab, None)
        queue.pending_event_ids_session.pop(tab, None)
        states.session_data.pop(tab, None)
        states.time_last_used.pop(tab, None)
