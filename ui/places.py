"""How much one visitor, and all of them, may take: of turns, of Gradio's queue, of memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from rag.errors import RagError
from ui.desk import Wording

if TYPE_CHECKING:
    import gradio as gr

QUEUE = 200  # questions, and wordings, that may wait; one more is told to come back
_EACH = 5  # questions of one visitor that wait or are looked up; as many wordings and folders
_NEAR = 40  # wordings and folders of one address, at which several people may be
_FULL = {
    "owner": "Several of your questions wait already; ask again when they are done.",
    "all": "Too many questions are waiting; ask again in a while.",
}
_UNREAD = 100  # messages that a page has not fetched; one that is open fetches them at once


class InHand:
    """Counts what is being done for visitors, so that nobody takes all of it.

    They are counted by address too: without sign-in, whoever wants to be many owners only has to
    invent cookies.
    """

    def __init__(self, *, each: int, near: int, total: int) -> None:
        """At most `each` for one visitor, and `near` for an address, where there may be several."""
        self._each = each
        self._near = near
        self._total = total
        self._counts: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one_more(self, owner: str, address: str | None) -> Iterator[str]:
        """Whose room is full, "owner", "address" or "all"; else "", and it is counted meanwhile."""
        limits = {("owner", owner): self._each, ("all", ""): self._total}
        if address:
            limits["address", address] = self._near
        counted = ((key[0], self._counts[key] >= most) for key, most in limits.items())
        full = next((whose for whose, reached in counted if reached), "")
        if full:
            yield full
            return
        self._counts.update(limits.keys())
        try:
            yield ""
        finally:
            self._counts.subtract(limits.keys())
            self._counts = +self._counts  # without those that have nothing left


class Turns:
    """Questions are looked up so many at a time, in the order in which they were asked."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._free = asyncio.Semaphore(at_once)
        self._asked = InHand(each=_EACH, near=QUEUE, total=QUEUE)
        self._waiting: list[tuple[str, str]] = []  # owner and key, in the order of asking

    @asynccontextmanager
    async def turn(self, owner: str, key: str) -> AsyncIterator[None]:
        """Inside, it is the turn of the question that the owner's page gave that key.

        Raises RagError when too many wait already.
        """
        with self._asked.one_more(owner, None) as full:
            if full:
                raise RagError(_FULL[full])
            self._waiting.append((owner, key))
            try:
                await self._free.acquire()
            finally:
                self._waiting.remove((owner, key))
            try:
                yield
            finally:
                self._free.release()

    def ahead(self, owner: str, key: str) -> int:
        """How many questions come before that one; 0 once it has its turn, or where it is none."""
        if (owner, key) not in self._waiting:
            return 0
        return self._at_once + self._waiting.index((owner, key))


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
