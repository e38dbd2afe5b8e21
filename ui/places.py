"""How much one visitor, and all of them, may take: of turns, of Gradio's queue, of memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING

from rag.errors import RagError
from ui.desk import Wording

if TYPE_CHECKING:
    import gradio as gr

QUEUE = 200  # questions, and wordings, that may wait; one more is told to come back
_EACH = 5  # questions of one visitor that wait or are looked up; as many wordings and folders
_NEAR = 40  # wordings and folders of one address, at which several people may be
_UNREAD = 100  # messages that a page has not fetched; one that is open fetches them at once


class Turns:
    """Questions are looked up so many at a time, in the order in which they were asked."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._asked: Counter[str] = Counter()  # by owner, those that wait and those at work

    @asynccontextmanager
    async def turn(self, owner: str) -> AsyncIterator[None]:
        """Inside, it is the owner's turn. Raises RagError when too many wait already."""
        if self._asked[owner] >= _EACH:
            raise RagError("Several of your questions wait already; ask again when they are done.")
        if self._asked.total() >= QUEUE:
            raise RagError("Too many questions are waiting; ask again in a while.")
        self._asked[owner] += 1
        try:
            async with self._free:
                yield
        finally:
            self._asked[owner] -= 1
            if not self._asked[owner]:
                del self._asked[owner]


class Unworded:
    """What waits to be worded, by its owner and the key that their page gave to the question."""

    def __init__(self) -> None:
        self._wordings: dict[tuple[str, str], Wording] = {}

    def keep(self, wording: Wording) -> None:
        """Of one owner, and of all, only so many: what is dropped stands in quotes, and stays so.

        With gr.State for this, each tab would hold a connection open, of which a browser allows
        six.
        """
        self._wordings[wording.owner, wording.key] = wording
        kept = list(self._wordings)
        own = [at for at in kept if at[0] == wording.owner]
        for at in {*own[:-_EACH], *kept[:-QUEUE]}:
            self._wordings.pop(at, None)

    def take(self, owner: str, key: str) -> Wording | None:
        return self._wordings.pop((owner, key), None)


class Places:
    """The bounds on what Gradio keeps for pages: for some of it it has none of its own."""

    def __init__(self, app: "gr.Blocks") -> None:
        self._app = app

    def taken(self, owner: str, address: str | None, tab: str) -> bool:
        """Whether the owner must wait before that page of theirs may set off another event."""
        queue = self._app._queue
        waiting = [one.queue for one in queue.event_queue_per_concurrency_id.values()]
        events = chain(*waiting, *(job for job in queue.active_jobs if job))
        whose = [event.request.state for event in events]
        taken = sum(state.owner == owner for state in whose)
        near = sum(state.address == address for state in whose) if address else 0
        unread = queue.pending_messages_per_session.get(tab)
        deaf = unread is not None and unread.qsize() > _UNREAD
        return taken >= _EACH or near >= _NEAR or deaf

    def forget(self, tab: str) -> None:
        """Drops what is kept for a page: the answers it was given, and messages not fetched.

        Its events end too: Gradio would fail, for all pages, where it has nobody to tell of one.
        """
        queue, states = self._app._queue, self._app.state_holder
        for event in chain(*(job for job in queue.active_jobs if job)):
            if event.session_hash == tab:
                event.alive = False
        for waiting in queue.event_queue_per_concurrency_id.values():
            for event in [one for one in waiting.queue if one.session_hash == tab]:
                waiting.queue.remove(event)
                queue.event_ids_to_events.pop(event._id, None)
        queue.pending_messages_per_session.pop(tab, None)
        queue.pending_event_ids_session.pop(tab, None)
        states.session_data.pop(tab, None)
        states.time_last_used.pop(tab, None)
