"""The stream of changes of a helpdesk that can only be asked what was updated since a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

from triage.helpdesk.paging import Places
from triage.helpdesk.port import Page
from triage.helpdesk.shape import expecting, known_moment
from triage.model.ticket import Ticket

_WORD = "updated:"


async def changed_since(
    cursor: str | None,
    now: Callable[[], Awaitable[datetime]],
    updated: Callable[[datetime], AsyncIterator[tuple[Sequence[Ticket], datetime]]],
) -> AsyncIterator[Page[Ticket]]:
    """The pages of `triage.helpdesk.port.Helpdesk.changes`.

    ``now`` is the helpdesk's own time, asked for where there is no ``cursor``. ``updated`` gives tickets
    changed since a time, and up to when they are complete. Raises `HelpdeskFailed` for a foreign cursor.
    """
    if cursor is None:
        yield Page((), cursor=_cursor(await now()), done=True)
        return
    with expecting("a cursor of our own"):
        since = known_moment(cursor.removeprefix(_WORD))
    reached, places = since, Places(cursor)
    async for tickets, reached in updated(since):
        yield Page(tickets, cursor=places.reached(_cursor(reached)), done=False)
    yield Page((), cursor=_cursor(reached), done=True)


def _cursor(at: datetime) -> str:
    return f"{_WORD}{at.isoformat()}"
