"""Pull: bring the mirror up to what the helpdesk says now.

First the tickets that changed since the cursor, then the queue as it is now; new and changed tickets come
with their whole timelines. Everything is written page by page, the cursor in the same write as its rows,
so that a pull killed at any point is simply run again. Nothing is deleted: who left the queue stays in
the mirror, and who cannot be seen any more is marked as gone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar

from triage.helpdesk.answer import NotUnderstood
from triage.helpdesk.port import Helpdesk, Page, ReadsAhead
from triage.model.errors import HelpdeskFailed, NotFound, Stopped, TriageError
from triage.model.ticket import Ticket
from triage.store.database import Database
from triage.store.mirror import MirroredTicket
from triage.sync.books import Books, Closing, StoreBooks, mark_gone
from triage.sync.mirroring import keep_readings
from triage.sync.queue_guard import too_short
from triage.sync.reading import Reading, read_ticket, read_timeline, settled, side_by_side, steady

_T = TypeVar("_T")
_R = TypeVar("_R")

Phase: TypeAlias = Literal["changes", "queue", "timelines"]

BATCH = 100
"""Tickets written in one go, so that the first ones show soon and a killed pull repeats little."""

_MOST_UNREAD = 3
_FORGOTTEN = (
    "the helpdesk no longer knows where its changes were followed to: the queue was compared whole, and "
    "they are followed from now on"
)
_CUT = "the helpdesk did not tell everything: its answer was cut at a ceiling"
_MOST_REPEATS = 3


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull has come."""

    phase: Phase
    done: int
    total: int | None
    """None where the helpdesk does not say beforehand."""
    held_until: datetime | None = None
    """Nothing happens until then (UTC), because the helpdesk asked us to wait."""


Progress: TypeAlias = Callable[[PullProgress], None]


@dataclass(frozen=True, slots=True)
class PullResult:
    """What a pull brought."""

    pulled: int = 0
    """Tickets the queue holds now."""
    updated: int = 0
    """Tickets that were new or had changed; reading one again that is still the same does not count."""
    gone: int = 0
    """Tickets the helpdesk no longer shows us."""
    complete: bool = True
    """False when a ceiling of the helpdesk cut the queue or a timeline."""
    notices: tuple[str, ...] = ()
    """What a person should know, a line each."""


async def pull(
    database: Database,
    helpdesk: Helpdesk,
    selector: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    accept_shorter: bool = False,
) -> PullResult:
    """Pull the queue ``selector`` and what changed since the last time.

    Raises `Stopped` when the queue is suddenly empty or much shorter (unless ``accept_shorter``), and
    `HelpdeskFailed` or `NotFound` when it cannot be read; both are kept as the freshness of the mirror,
    and what was read until then stays. May be cancelled and run again at any point.
    """
    books = StoreBooks(database, selector, now)
    return await Pull(books, helpdesk, selector, now, progress, accept_shorter).run()


async def pull_one(
    database: Database, helpdesk: Helpdesk, ticket_id: str, *, now: Callable[[], datetime]
) -> Ticket | None:
    """Pull one ticket with its timeline, in the queue or not; None when the helpdesk no longer shows it.

    Raises `HelpdeskFailed`.
    """
    try:
        reading = await read_ticket(helpdesk, ticket_id, now)
    except NotFound:
        await database.write(lambda session: mark_gone(session, [ticket_id]))
        return None
    await database.write(lambda session: keep_readings(session, [reading], now()))
    return reading.ticket


@dataclass(slots=True)
class Pull:
    """One pull into ``books``; see `pull`."""

    books: Books
    helpdesk: Helpdesk
    selector: str
    now: Callable[[], datetime]
    progress: Progress | None = None
    accept_shorter: bool = False
    updated: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    cut: dict[str, None] = field(default_factory=dict)
    """What ceilings of the helpdesk left out, in words, each once."""
    unread: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    followed: bool = False
    """Whether the stream of changes has got us anywhere."""
    complete: bool = True
    reached: PullProgress = PullProgress("changes", 0, None)

    async def run(self) -> PullResult:
        """Pull, and remember how it ended. Raises what `pull` raises."""
        pace = self.helpdesk.pace
        pace.on_hold = self._say_held
        ahead = self.helpdesk if isinstance(self.helpdesk, ReadsAhead) else None
        if ahead is not None:
            ahead.on_ahead = lambda done: self._say("changes", done)
        try:
            return await self._run()
        except Stopped as stopped:
            await self.books.record("stopped", str(stopped))
            raise
        except TriageError as failed:
            await self.books.record("failed", str(failed))
            raise
        finally:
            pace.on_hold = None
            if ahead is not None:
                ahead.on_ahead = None

    async def _run(self) -> PullResult:
        before = await self.books.members()
        await self._changes(before)
        listed, whole = await self._queue()
        await self._overdue(before | listed)
        await self._settle(before, listed, whole=whole)
        return PullResult(len(listed), len(self.updated), len(self.gone), self.complete, self._notices())

    def _say(self, phase: Phase, done: int) -> None:
        self.reached = PullProgress(phase, done, None)
        if self.progress is not None:
            self.progress(self.reached)

    def _say_held(self, until: datetime) -> None:
        if self.progress is not None:
            self.progress(replace(self.reached, held_until=until))

    # --- what changed ---------------------------------------------------------------------------------

    async def _changes(self, members: frozenset[str]) -> None:
        """Follow the stream of changes. Tickets we never had come with the queue, if they are in it."""
        start = await self.books.cursor()
        try:
            await self._follow(start, members)
        except NotUnderstood:
            if start is None or self.followed:
                raise
            # The queue, compared whole afterwards, makes up for what its stream did not tell; so does
            # reading known tickets outside of it once more.
            await self.books.forget_cursor()
            self.told.append(_FORGOTTEN)
            await self._follow(None, members)

    async def _follow(self, start: str | None, members: frozenset[str]) -> None:
        pages = self.helpdesk.changes(self.selector, start)
        done = 0
        async for page in steady(pages, _edition, "changes", start=start, again=_MOST_REPEATS):
            self.followed = True
            known = await self._known(page)
            ours = [one for one in _latest(page) if one.id in known or one.id in members]
            wanted = [one for one in ours if self._wants(one, known.get(one.id))]
            self._note_cut(page.complete, page.ceiling)
            batches = list(_batches(wanted)) or [()]
            for batch in batches:
                # The cursor goes with the page's last rows: killed before, the page is read again.
                cursor = page.cursor if batch is batches[-1] else None
                await self._write(await self._timelines(batch), (), cursor)
            done += len(page.items)
            self._say("changes", done)

    # --- the queue ------------------------------------------------------------------------------------

    async def _queue(self) -> tuple[frozenset[str], bool]:
        """Read the queue as it is now; its tickets' ids, and whether it was told to the end."""
        listed: set[str] = set()
        whole = True
        told = steady(self.helpdesk.queue(self.selector), _edition, f"queue {self.selector}")
        # Left half-way, the helpdesk must not go on with what it fetches ahead.
        async with aclosing(told) as pages:
            async for page in pages:
                tickets = [one for one in _latest(page) if one.id not in listed]
                listed |= {one.id for one in tickets}
                await self._enter(tickets)
                whole = whole and page.complete
                self._note_cut(page.complete, page.ceiling)
                self._say("queue", len(listed))
        return frozenset(listed), whole

    async def _enter(self, tickets: Sequence[Ticket]) -> None:
        """Tickets of the queue: known ones enter as they are, the others with their timelines."""
        known = await self.books.known([one.id for one in tickets])
        wanted = [one for one in tickets if self._wants(one, known.get(one.id))]
        await self.books.enter(sorted({one.id for one in tickets} - {one.id for one in wanted}))
        for batch in _batches(wanted):
            await self._write(await self._timelines(batch), [one.id for one in batch])
            self._say("timelines", len(self.written))

    async def _overdue(self, looked_at: frozenset[str]) -> None:
        """Tickets outside the queue whose timeline could not be read when they changed."""
        for batch in _batches(sorted(await self.books.unread() - looked_at - self.written)):
            found = await self._side_by_side(batch, self._again)
            await self._write([reading for reading in found if reading is not None], ())

    async def _again(self, ticket_id: str) -> Reading | None:
        try:
            return await read_ticket(self.helpdesk, ticket_id, self.now)
        except NotFound:
            self.gone.add(ticket_id)
        except HelpdeskFailed as failed:
            self._put_off(ticket_id, failed)
        return None

    def _put_off(self, name: str, failed: TriageError) -> None:
        """Leave one ticket for the next pull. Raises ``failed`` when too many fail."""
        if len(self.unread) >= _MOST_UNREAD:
            raise failed
        self.unread.append(f"{name}: its timeline could not be read ({failed.what})")

    # --- who left -------------------------------------------------------------------------------------

    async def _settle(self, before: frozenset[str], listed: frozenset[str], *, whole: bool) -> None:
        """Look at every ticket that left the queue, then close the books, all in one write."""
        missing = sorted(before - listed)
        known = await self.books.known(missing)
        solved = {one for one in missing if one in known and not known[one].ticket.open}
        readings = await self._look_at(missing, solved, len(before), len(listed))
        solved |= {reading.ticket.id for reading in readings if not reading.ticket.open}
        # A queue cut by a ceiling says nothing about who is not in it.
        stay = frozenset[str]() if whole else frozenset(missing) - solved - self.gone

        self.updated |= await self.books.close(
            Closing(
                listed | stay,
                before,
                readings,
                frozenset(self.gone),
                self.complete,
                self._notices(),
            )
        )

    async def _look_at(
        self, missing: Sequence[str], solved: Collection[str], before: int, now: int
    ) -> list[Reading]:
        """Ask for each missing ticket by its id: solved, moved elsewhere, or gone. Raises `Stopped`."""
        readings: list[Reading] = []
        vanished: set[str] = set()
        known_solved = len(solved)
        unasked = [one for one in missing if one not in solved]
        while unasked and (self.accept_shorter or not too_short(before, known_solved + len(unasked), now)):
            batch, unasked = unasked[:BATCH], unasked[BATCH:]
            found = [one for one in await self._side_by_side(batch, self._ask_for) if one is not None]
            known_solved += sum(not reading.ticket.open for reading in found)
            readings += found
            vanished |= set(batch) - {reading.ticket.id for reading in found}
        if too_short(before, known_solved, now) and not self.accept_shorter:
            # Solved is solved, whatever became of the queue.
            await self._write([one for one in readings if not one.ticket.open], ())
            raise _shrunk(before, known_solved, now)
        self.gone |= vanished
        return readings

    async def _ask_for(self, ticket_id: str) -> Reading | None:
        """What became of a ticket that left the queue: that matters more than its timeline."""
        try:
            ticket = await self.helpdesk.ticket(ticket_id)
            return await self._timeline(ticket)
        except NotFound:
            return None

    # --- tickets with their timelines -----------------------------------------------------------------

    async def _known(self, page: Page[Ticket]) -> Mapping[str, MirroredTicket]:
        return await self.books.known([ticket.id for ticket in page.items])

    def _wants(self, ticket: Ticket, known: MirroredTicket | None) -> bool:
        """Whether to read it with its timeline; within one pull only once in the same version."""
        if ticket.id in self.written and known and known.ticket.version.token == ticket.version.token:
            return False
        return _differs(ticket, known)

    async def _timelines(self, tickets: Sequence[Ticket]) -> list[Reading]:
        return await self._side_by_side(tickets, self._timeline)

    async def _side_by_side(self, items: Iterable[_T], read: Callable[[_T], Awaitable[_R]]) -> list[_R]:
        """As many at a time as the helpdesk bears just now."""
        return await side_by_side(items, read, lambda: self.helpdesk.pace.width)

    async def _timeline(self, ticket: Ticket) -> Reading:
        """One ticket that cannot be read must not hold up the others; it is tried again with every pull."""
        try:
            reading = await read_timeline(self.helpdesk, ticket, self.now)
        except (HelpdeskFailed, NotFound) as failed:
            if isinstance(failed, NotFound) and not ticket.open:
                return Reading(ticket)  # deleted: its last words are those we have
            self._put_off(ticket.key, failed)
            return Reading(ticket)
        self._note_cut(reading.complete, f"{ticket.key}: {reading.ceiling}" if reading.ceiling else "")
        return reading

    async def _write(
        self, readings: Sequence[Reading], entered: Collection[str], cursor: str | None = None
    ) -> None:
        if readings or cursor is not None:
            self.updated |= await self.books.keep(readings, entered, cursor)
        self.written |= {reading.ticket.id for reading in readings}

    def _note_cut(self, complete: bool, ceiling: str) -> None:
        """Remember that the helpdesk cut an answer, and in what words it is to be told."""
        self.complete = self.complete and complete
        if not complete:
            self.cut[ceiling or _CUT] = None

    def _notices(self) -> tuple[str, ...]:
        # What was cut comes first: it is the line that the screen has room for.
        return (*self.cut, *self.told, *self.unread)


def _differs(ticket: Ticket, known: MirroredTicket | None) -> bool:
    """Whether ``ticket`` may be another one than we know."""
    if known is None or known.gone or known.ticket.version.token != ticket.version.token:
        return True
    return not settled(known.ticket, known.pulled_at) or not settled(ticket, known.pulled_at)


def _latest(page: Page[Ticket]) -> list[Ticket]:
    """The tickets of a page; of one that comes twice the last."""
    return list({ticket.id: ticket for ticket in page.items}.values())


def _edition(ticket: Ticket) -> tuple[str, str]:
    return ticket.id, ticket.version.token


def _batches(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _shrunk(before: int, solved: int, now: int) -> Stopped:
    known = f", and only {solved} of them are solved" if solved else ""
    return Stopped(
        f"the queue went from {before} tickets to {now}{known}; nothing was taken out of it",
        do="Check the view and the rights of the token, then sync again and accept the shorter queue",
    )
