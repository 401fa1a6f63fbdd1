"""Stopping a list that never ends, and knowing where a stream of changes can be gone on from."""

from __future__ import annotations

from triage.model.errors import HelpdeskFailed

MOST_PAGES = 10_000


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
