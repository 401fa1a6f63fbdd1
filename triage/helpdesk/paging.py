"""Stopping a list that never ends, and knowing where a stream of changes can be gone on from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from triage.helpdesk.shape import Record, line
from triage.model.errors import HelpdeskFailed

MOST_PAGES = 10_000
MOST_PASSES = 16
"""Of a list that is read again because it moves."""


class PageGuard:
    """Watches the pages of one list. Raises `HelpdeskFailed` when they begin to repeat or never stop."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._seen: set[object] = set()
        self._pages = 0

    def passed(self, *marks: object) -> None:
        """Note what identifies the page just read: its cursor, its link, its ids."""
        self._pages += 1
        if marks in self._seen or self._pages > MOST_PAGES:
            raise HelpdeskFailed(
                "the helpdesk sends the same page again and again", where=self._what,
                do="Nothing was skipped up to here; try again later",
            )  # fmt: skip
        self._seen.add(marks)


class Passes:
    """How often a list that moves while it is read has been read, and whether it must be once more.

    What leaves such a list, or goes to its end, moves another row onto a page that was read already. So a
    list of more than one page is read again until a whole pass meets nothing that was hidden before.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = 0
        self._pages = 0
        self._hidden = False

    def page(self, *, hidden: bool) -> None:
        """A page was read; ``hidden``: it held something that was there in the pass before and not seen."""
        self._pages += 1
        self._hidden |= hidden

    def quiet(self) -> bool:
        """A pass is over: whether it was the last. Raises `HelpdeskFailed` where the list never rests."""
        over = self._pages <= 1 or (self._done > 0 and not self._hidden)
        self._done, self._pages, self._hidden = self._done + 1, 0, False
        if not over and self._done >= MOST_PASSES:
            raise HelpdeskFailed(
                "it changes faster than it can be read", where=self._what, do="Try again in a minute"
            )
        return over


async def each_once(
    read: Callable[[], AsyncIterator[Sequence[Record]]], what: str
) -> AsyncIterator[list[Record]]:
    """The rows of a list that moves while it is read, each once by its ``id``, in pages.

    ``read`` begins a pass. Raises `HelpdeskFailed` where the list never rests.
    """
    seen: set[str] = set()
    passes = Passes(what)
    while True:
        async for page in read():
            fresh = [row for row in page if line(row.get("id")) not in seen]
            seen |= {line(row.get("id")) for row in fresh}
            passes.page(hidden=bool(fresh))
            if fresh:
                yield fresh
        if passes.quiet():
            return


class Places:
    """Where the pages of one stream of changes can be gone on from.

    A page that got no further than the one before it, as inside an overlap, has no cursor of its own: a
    cursor that does not move means a stream that is stuck.
    """

    def __init__(self, begun_at: str) -> None:
        self._at = begun_at

    def reached(self, place: str) -> str | None:
        """``place`` as a page's cursor; None where we have been already. The last page always carries one."""
        if place == self._at:
            return None
        self._at = place
        return place
