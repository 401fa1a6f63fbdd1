"""Pulling: what is kept, when it stops, and that it can be killed anywhere."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sync import virtual_time
from tests.sync.fake_helpdesk import FakeHelpdesk, Faults, Server
from tests.sync.simulator import Killed, Process, run_until_dead
from tests.sync.stored import StillDatabase, with_database
from tests.sync.test_restart_everywhere import Fuse
from triage.helpdesk.answer import NotUnderstood
from triage.helpdesk.port import Page
from triage.model.errors import HelpdeskFailed, NotFound, Stopped
from triage.model.queue import Freshness
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent
from triage.store import membership, mirror, pull_state, queue_rows
from triage.sync.pull import PullProgress, PullResult, pull, pull_one


def server_of(count: int) -> Server:
    server = Server([str(number) for number in range(1, count + 1)])
    rng = random.Random(3)
    for ticket_id in server.tickets:
        server._add_note(
            server.tickets[ticket_id], f"It is broken, says {ticket_id}", True, "", "customer", 0
        )
        server.agent_edits(ticket_id, rng)
    return server


def helpdesk_of(server: Server, **kind: Any) -> FakeHelpdesk:
    return FakeHelpdesk(server, random.Random(1), **{"page_size": 3, **kind})


async def pulled(database: StillDatabase, helpdesk: FakeHelpdesk, **kind: Any) -> PullResult:
    return await pull(database.plain, helpdesk, "all", now=virtual_time.now, **kind)


async def members(database: StillDatabase) -> set[str]:
    return set(await database.read(membership.members))


async def freshness(database: StillDatabase) -> Freshness:
    return await database.read(lambda session: pull_state.freshness(session, virtual_time.now()))


async def shown(database: StillDatabase) -> set[str]:
    window = await database.read(
        lambda session: queue_rows.window(session, offset=0, limit=500, now=virtual_time.now())
    )
    return {item.id for item in window.items}


async def mirror_of(database: StillDatabase) -> dict[str, tuple[Ticket, tuple[TimelineEvent, ...]]]:
    def read(session: Any) -> dict[str, tuple[Ticket, tuple[TimelineEvent, ...]]]:
        ids = membership.members(session)
        tickets, lines = mirror.load_many(session, ids), mirror.load_timelines(session, ids)
        return {one: (tickets[one].ticket, lines.get(one, ())) for one in ids}

    return await database.read(read)


def test_the_first_pull_brings_the_queue_with_all_timelines(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        assert await pulled(database, helpdesk_of(server)) == PullResult(pulled=10, updated=10)
        assert await members(database) == set(server.tickets)
        assert await shown(database) == set(server.tickets)
        for ticket_id, (ticket, timeline) in (await mirror_of(database)).items():
            assert ticket == server.ticket(ticket_id)
            assert [event.text for event in timeline] == [n.body for n in server.tickets[ticket_id].notes]
        assert (await freshness(database)).state == "fresh"

    with_database(tmp_path, story)


def test_a_second_pull_reads_only_what_changed(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        asked: list[str] = []
        helpdesk = helpdesk_of(server, at_point=asked.append)
        await asyncio.sleep(61)
        await pulled(database, helpdesk)
        asked.clear()
        assert (await pulled(database, helpdesk)).updated == 0
        assert "timeline" not in asked
        server.tickets["4"].status = "hold"
        server.bump(server.tickets["4"])
        asked.clear()
        assert (await pulled(database, helpdesk)).updated == 1
        assert (await mirror_of(database))["4"][0].status == "hold"
        assert asked.count("timeline") == 1

    with_database(tmp_path, story)


def test_a_ticket_read_while_its_comments_may_lag_behind_is_read_once_more(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(2)
        asked: list[str] = []
        helpdesk = helpdesk_of(server, at_point=asked.append)
        await pulled(database, helpdesk)
        late = server.tickets["1"].notes[0]
        late.listed_at += timedelta(seconds=30)
        await asyncio.sleep(31)
        assert (await pulled(database, helpdesk)).updated == 0
        await asyncio.sleep(40)
        assert (await pulled(database, helpdesk)).updated == 0
        asked.clear()
        await pulled(database, helpdesk)
        assert "timeline" not in asked

    with_database(tmp_path, story)


def test_a_ticket_that_left_the_queue_unread_is_read_again_until_it_can_be(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        await pulled(database, helpdesk_of(server))
        server.queue.remove("4")
        server.agent_edits("4", random.Random(1))
        broken = Unreadable(server, "4")
        assert "4" in " ".join((await pulled(database, broken)).notices)
        assert (await pulled(database, broken)).notices
        broken.heals = True
        assert not (await pulled(database, broken)).notices
        [kept] = (await database.read(lambda session: mirror.load_many(session, ["4"]))).values()
        assert kept.ticket == server.ticket("4")

    with_database(tmp_path, story)


def test_a_lost_stream_of_changes_is_made_up_for_outside_the_queue_too(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        await pulled(database, helpdesk_of(server))
        server.queue.remove("4")
        await pulled(database, helpdesk_of(server))
        server.agent_edits("4", random.Random(1))
        lost = helpdesk_of(server, faults=lambda: Faults(forgotten=1.0))
        await pulled(database, lost)
        [kept] = (await database.read(lambda session: mirror.load_many(session, ["4"]))).values()
        assert kept.ticket == server.ticket("4")

    with_database(tmp_path, story)


class Unreadable(FakeHelpdesk):
    """Cannot give the timeline of one ticket until it heals."""

    heals = False

    def __init__(self, server: Server, ticket_id: str) -> None:
        super().__init__(server, random.Random(1))
        self.broken = ticket_id

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        if ticket.id == self.broken and not self.heals:
            raise HelpdeskFailed("the helpdesk answered 500")
        async for page in super().timeline(ticket):
            yield page


def test_a_stamp_that_cannot_tell_two_changes_apart_is_read_again_while_it_is_young(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(2)
        plain = server.ticket

        def coarse(ticket_id: str) -> Ticket:
            return replace(plain(ticket_id), version=Version("same second", False))

        server.ticket = coarse  # type: ignore[method-assign]
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.customer_says("1", "in the same second")
        assert (await pulled(database, helpdesk)).updated == 1
        assert (await mirror_of(database))["1"][1][-1].text == "in the same second"
        assert (await pulled(database, helpdesk)).updated == 0  # read again, and still the same
        server.customer_says("1", "and once more")
        assert (await pulled(database, helpdesk)).updated == 1
        await asyncio.sleep(400)
        await pulled(database, helpdesk)
        assert (await pulled(database, helpdesk)).updated == 0

    with_database(tmp_path, story)


def test_killed_anywhere_the_next_pull_finishes_it(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(7)
        points = 10_000
        kill_at = 0
        while kill_at < points:
            fuse = Fuse(kill_at)
            process = Process("p", fuse.burns)
            seen = database.seen_by(process.point)
            first = helpdesk_of(server, at_point=process.point)
            for ticket_id in ("2", "5"):
                server.agent_edits(ticket_id, random.Random(kill_at))
            await database.write(lambda session: mirror.mark_gone(session, ["1", "3"]))
            ended = await run_until_dead(pull(seen, first, "all", now=virtual_time.now), process)
            if not isinstance(ended, Killed):
                break
            await pulled(database, helpdesk_of(server))
            for ticket_id, (ticket, timeline) in (await mirror_of(database)).items():
                assert ticket == server.ticket(ticket_id), f"killed at {kill_at}"
                notes = [note.body for note in server.tickets[ticket_id].notes]
                assert [event.text for event in timeline] == notes, f"killed at {kill_at}"
            assert await members(database) == set(server.tickets)
            kill_at += 1
        assert kill_at > 25

    with_database(tmp_path, story)


def test_a_first_pull_killed_half_way_does_not_read_again_what_it_has(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(60)
        fuse = Fuse(90)
        process = Process("p", fuse.burns)
        killed = helpdesk_of(server, at_point=process.point, page_size=30)
        await run_until_dead(
            pull(database.seen_by(process.point), killed, "all", now=virtual_time.now), process
        )
        kept = len(await members(database))
        assert 25 <= kept < 60
        assert (await pulled(database, helpdesk_of(server, page_size=30))).updated == 60 - kept

    with_database(tmp_path, story)


@pytest.mark.parametrize(("left", "stops"), [(0, True), (3, True), (6, True), (7, False), (9, False)])
def test_a_queue_that_is_suddenly_short_stops_the_pull(tmp_path: Path, left: int, stops: bool) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.queue = server.queue[:left]
        if not stops:
            await pulled(database, helpdesk)
            assert len(await members(database)) == left
            return
        with pytest.raises(Stopped, match=f"from 10 tickets to {left}"):
            await pulled(database, helpdesk)
        assert len(await members(database)) == 10
        assert len(await shown(database)) == 10
        assert (await freshness(database)).state == "stopped"
        assert (await pulled(database, helpdesk, accept_shorter=True)).pulled == left
        assert len(await members(database)) == left
        assert (await freshness(database)).state == "fresh"

    with_database(tmp_path, story)


def test_a_very_short_queue_may_run_empty(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(2)
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.queue = []
        assert (await pulled(database, helpdesk)).pulled == 0

    with_database(tmp_path, story)


@pytest.mark.parametrize("told_by", ["changes", "direct read"])
def test_tickets_known_to_be_solved_are_not_missing(tmp_path: Path, told_by: str) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        for ticket_id in server.queue[4:]:
            server.tickets[ticket_id].status = "solved"
            if told_by == "changes":
                server.bump(server.tickets[ticket_id])
        server.queue = server.queue[:4]
        assert (await pulled(database, helpdesk)).pulled == 4
        kept = await database.read(lambda session: mirror.load_ticket(session, "9"))
        assert kept is not None
        assert not kept.open

    with_database(tmp_path, story)


def test_rights_lost_on_everything_do_not_empty_the_desk(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        await pulled(database, helpdesk_of(server))
        server.queue = []
        server.tickets.clear()
        with pytest.raises(Stopped):
            await pulled(database, helpdesk_of(server))
        assert len(await shown(database)) == 10

    with_database(tmp_path, story)


def test_a_ticket_that_is_gone_is_marked_and_kept(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.queue.remove("4")
        del server.tickets["4"]
        assert (await pulled(database, helpdesk)).gone == 1
        kept = await database.read(lambda session: mirror.load_mirrored(session, "4"))
        assert kept is not None
        assert kept.gone
        assert "4" not in await shown(database)

    with_database(tmp_path, story)


def test_what_left_the_queue_unsolved_stays_in_the_mirror_as_it_is_now(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.queue.remove("4")
        server.tickets["4"].assignee = "Mira"
        await pulled(database, helpdesk)
        kept = await database.read(lambda session: mirror.load_mirrored(session, "4"))
        assert kept is not None
        assert (kept.gone, kept.ticket.assignee) == (False, "Mira")
        assert "4" not in await shown(database)
        server.queue.append("4")
        await pulled(database, helpdesk)
        assert "4" in await shown(database)

    with_database(tmp_path, story)


def test_a_queue_cut_by_a_ceiling_takes_nobody_out(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(10)
        await pulled(database, helpdesk_of(server))
        helpdesk = helpdesk_of(server)

        async def queue(selector: str) -> AsyncIterator[Page[Ticket]]:
            yield Page([server.ticket(one) for one in server.queue[:8]], None, True, complete=False)

        helpdesk.queue = queue  # type: ignore[method-assign]
        result = await pulled(database, helpdesk)
        assert not result.complete
        assert result.notices
        assert len(await members(database)) == 10
        assert not (await freshness(database)).complete

    with_database(tmp_path, story)


@pytest.mark.parametrize("kind", ["cursor", "page", "empty"])
def test_a_listing_that_gets_nowhere_is_given_up(tmp_path: Path, kind: str) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        helpdesk = helpdesk_of(server)
        pages = 0

        async def queue(selector: str) -> AsyncIterator[Page[Ticket]]:
            nonlocal pages
            while True:
                pages += 1
                assert pages < 1000
                one = replace(server.ticket("1"), id="1" if kind == "page" else str(pages))
                yield Page([] if kind == "empty" else [one], "stuck" if kind == "cursor" else None, False)

        async def timeline(ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
            yield Page([], None, True)

        helpdesk.queue = queue  # type: ignore[method-assign]
        helpdesk.timeline = timeline  # type: ignore[method-assign]
        with pytest.raises(HelpdeskFailed):
            await pulled(database, helpdesk)
        assert (await freshness(database)).state == "failed"
        assert pages < 200

    with_database(tmp_path, story)


def test_four_unreadable_timelines_are_no_accident(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        helpdesk = helpdesk_of(server_of(6))

        async def timeline(ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
            if ticket.id:
                raise HelpdeskFailed("the helpdesk answered 500")
            yield Page([], None, True)

        helpdesk.timeline = timeline  # type: ignore[method-assign]
        with pytest.raises(HelpdeskFailed):
            await pulled(database, helpdesk)

    with_database(tmp_path, story)


def test_a_deleted_ticket_whose_timeline_is_closed_keeps_the_one_we_have(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.tickets["2"].status = "solved"
        server.bump(server.tickets["2"])
        plain = helpdesk.timeline

        async def timeline(ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
            if ticket.id == "2":
                raise NotFound("no such ticket")
            async for page in plain(ticket):
                yield page

        helpdesk.timeline = timeline  # type: ignore[method-assign]
        result = await pulled(database, helpdesk)
        assert (result.updated, result.notices) == (1, ())
        ticket, events = (await mirror_of(database))["2"]
        assert not ticket.open
        assert events

    with_database(tmp_path, story)


def test_what_the_helpdesk_took_out_of_a_timeline_leaves_the_mirror(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(3)
        helpdesk = helpdesk_of(server)
        server.customer_says("2", "my password is swordfish")
        await pulled(database, helpdesk)
        server.tickets["2"].notes.pop()
        server.bump(server.tickets["2"])
        await pulled(database, helpdesk)
        assert "swordfish" not in str((await mirror_of(database))["2"])

    with_database(tmp_path, story)


def test_the_stream_of_changes_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        helpdesk = helpdesk_of(server)
        for _ in range(3):
            server.agent_edits("1", random.Random(1))
            await pulled(database, helpdesk)
            kept = await database.read(lambda session: pull_state.load_cursor(session, "changes all"))
            assert kept == str(server.change)

    with_database(tmp_path, story)


def test_the_cursor_never_moves_past_rows_that_are_not_kept(tmp_path: Path) -> None:
    """Tickets that left the queue are only heard of through the stream of changes."""

    async def story(database: StillDatabase) -> None:
        server = server_of(120)
        await pulled(database, helpdesk_of(server, page_size=120))
        server.queue = []
        await pulled(database, helpdesk_of(server, page_size=120), accept_shorter=True)
        for kept in server.tickets.values():
            kept.assignee = "Mira"
            server.bump(kept)
        process = Process("p", Fuse(150).burns)
        killed = helpdesk_of(server, page_size=120, at_point=process.point)
        seen = database.seen_by(process.point)
        await run_until_dead(pull(seen, killed, "all", now=virtual_time.now), process)

        async def owners() -> list[str]:
            known = await database.read(lambda session: mirror.load_many(session, list(server.tickets)))
            return [one.ticket.assignee for one in known.values()]

        assert 0 < (await owners()).count("Mira") < 120
        await pulled(database, helpdesk_of(server, page_size=120))
        assert (await owners()).count("Mira") == 120

    with_database(tmp_path, story)


def test_solved_is_solved_even_where_the_queue_is_too_short(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(100)
        helpdesk = helpdesk_of(server, page_size=100)
        await pulled(database, helpdesk)
        for ticket_id in ("1", "10"):
            server.tickets[ticket_id].status = "solved"
        server.queue = server.queue[60:]
        with pytest.raises(Stopped, match="only 2 of them"):
            await pulled(database, helpdesk)
        assert len(await shown(database)) == 98

    with_database(tmp_path, story)


def test_one_unreadable_timeline_does_not_hold_up_the_others_and_is_tried_again(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        helpdesk = helpdesk_of(server)
        plain = helpdesk.timeline

        async def timeline(ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
            if ticket.id == "3":
                raise HelpdeskFailed("the helpdesk answered 500")
            async for page in plain(ticket):
                yield page

        helpdesk.timeline = timeline  # type: ignore[method-assign]
        result = await pulled(database, helpdesk)
        assert result.notices == ("HL-3: its timeline could not be read (the helpdesk answered 500)",)
        assert (await freshness(database)).notices == result.notices
        assert len(await members(database)) == 6
        helpdesk.timeline = plain  # type: ignore[method-assign]
        assert (await pulled(database, helpdesk)).updated == 1
        assert len((await mirror_of(database))["3"][1]) >= 1

    with_database(tmp_path, story)


def cursor_refusing(server: Server, refused: str, after: int = 0) -> FakeHelpdesk:
    """A helpdesk that understands no cursor ``refused``, after ``after`` pages that it gave for it."""
    helpdesk = helpdesk_of(server)
    honest = helpdesk.changes

    async def changes(selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        if cursor == refused:
            for number in range(after):
                yield Page([], f"{refused}+{number}", False)
            raise NotUnderstood("the helpdesk does not understand us")
        async for page in honest(selector, cursor):
            yield page

    helpdesk.changes = changes  # type: ignore[method-assign]
    return helpdesk


async def cursor_of(database: StillDatabase) -> str | None:
    return await database.read(lambda session: pull_state.load_cursor(session, "changes all"))


def test_a_cursor_that_the_helpdesk_refuses_is_forgotten_with_a_notice(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(5)
        await pulled(database, helpdesk_of(server))
        refused = await cursor_of(database)
        assert refused is not None
        server.customer_says("4", "meanwhile")
        server.bump(server.tickets["4"])
        result = await pulled(database, cursor_refusing(server, refused))
        assert (result.updated, len(result.notices)) == (1, 1)
        assert "no longer knows" in result.notices[0]
        assert (await mirror_of(database))["4"][1][-1].text == "meanwhile"
        assert await cursor_of(database) == str(server.change)
        server.customer_says("2", "afterwards")
        server.bump(server.tickets["2"])
        result = await pulled(database, cursor_refusing(server, refused))
        assert (result.updated, result.notices) == (1, ())

    with_database(tmp_path, story)


def test_a_stream_that_breaks_off_later_is_no_reason_to_forget_where_it_was(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(5)
        await pulled(database, helpdesk_of(server))
        refused = await cursor_of(database)
        assert refused is not None
        with pytest.raises(NotUnderstood):
            await pulled(database, cursor_refusing(server, refused, after=1))
        assert await cursor_of(database) == f"{refused}+0"

    with_database(tmp_path, story)


@pytest.mark.parametrize("error", [HelpdeskFailed("unreachable"), NotFound("no view all")])
def test_a_failed_pull_keeps_the_mirror_and_one_clear_line(
    tmp_path: Path, error: HelpdeskFailed | NotFound
) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(5)
        await pulled(database, helpdesk_of(server))
        helpdesk = helpdesk_of(server)

        async def queue(selector: str) -> AsyncIterator[Page[Ticket]]:
            if selector:
                raise error
            yield Page([], None, True)

        helpdesk.queue = queue  # type: ignore[method-assign]
        with pytest.raises(type(error)):
            await pulled(database, helpdesk)
        now = await freshness(database)
        assert (now.state, now.message) == ("failed", str(error))
        assert now.last_pull_at is not None
        assert len(await shown(database)) == 5

    with_database(tmp_path, story)


def test_a_change_between_the_first_cursor_and_the_queue_is_not_missed(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        helpdesk = helpdesk_of(server)
        plain = helpdesk.queue

        async def queue(selector: str) -> AsyncIterator[Page[Ticket]]:
            pages = [page async for page in plain(selector)]
            server.tickets["2"].status = "hold"
            server.bump(server.tickets["2"])
            server.queue.remove("2")
            for page in pages:
                yield page

        helpdesk.queue = queue  # type: ignore[method-assign]
        await pulled(database, helpdesk)
        helpdesk.queue = plain  # type: ignore[method-assign]
        await pulled(database, helpdesk)
        kept = await database.read(lambda session: mirror.load_ticket(session, "2"))
        assert kept is not None
        assert kept.status == "hold"

    with_database(tmp_path, story)


def test_strangers_in_the_stream_of_changes_stay_outside(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(6)
        server.queue.remove("6")
        helpdesk = helpdesk_of(server)
        await pulled(database, helpdesk)
        server.bump(server.tickets["6"])
        assert (await pulled(database, helpdesk)).updated == 0
        assert await database.read(lambda session: mirror.load_ticket(session, "6")) is None

    with_database(tmp_path, story)


def test_progress_is_told(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        steps: list[PullProgress] = []
        await pulled(database, helpdesk_of(server_of(6)), progress=steps.append)
        assert {step.phase for step in steps} == {"changes", "queue", "timelines"}
        assert steps[-1] == PullProgress("queue", 6, None)

    with_database(tmp_path, story)


def test_a_pull_that_the_helpdesk_lets_wait_says_until_when(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        steps: list[PullProgress] = []
        helpdesk = helpdesk_of(server_of(6))
        plain, until = helpdesk.timeline, virtual_time.START + timedelta(hours=1)

        async def timeline(ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
            assert helpdesk.pace.on_hold is not None
            helpdesk.pace.on_hold(until)
            async for page in plain(ticket):
                yield page

        helpdesk.timeline = timeline  # type: ignore[method-assign]
        await pulled(database, helpdesk, progress=steps.append)
        assert PullProgress("queue", 3, None, held_until=until) in steps
        assert steps[-1] == PullProgress("queue", 6, None)
        assert helpdesk.pace.on_hold is None

    with_database(tmp_path, story)


@pytest.mark.parametrize("width", [2, 4])
def test_as_many_timelines_are_read_at_once_as_the_helpdesk_bears(tmp_path: Path, width: int) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(30)
        helpdesk = helpdesk_of(server, page_size=30)
        helpdesk.pace.width = width
        plain, now, most = helpdesk.timeline, 0, 0

        async def timeline(ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
            nonlocal now, most
            now += 1
            most = max(most, now)
            async for page in plain(ticket):
                yield page
            now -= 1

        helpdesk.timeline = timeline  # type: ignore[method-assign]
        await pulled(database, helpdesk)
        assert most == width

    with_database(tmp_path, story)


def test_one_ticket_can_be_pulled_alone(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = server_of(3)
        helpdesk = helpdesk_of(server)
        ticket = await pull_one(database.plain, helpdesk, "2", now=virtual_time.now)
        assert ticket == server.ticket("2")
        assert await shown(database) == set()
        del server.tickets["2"]
        assert await pull_one(database.plain, helpdesk, "2", now=virtual_time.now) is None
        kept = await database.read(lambda session: mirror.load_mirrored(session, "2"))
        assert kept is not None
        assert kept.gone

    with_database(tmp_path, story)


def test_reading_again_and_again_under_faults_comes_to_the_truth(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server, rng = server_of(8), random.Random(11)
        helpdesk = helpdesk_of(server, faults=lambda: Faults(failed_read=0.05, lag=0.3))
        for _ in range(25):
            for _ in range(rng.randint(0, 3)):
                server.agent_edits(rng.choice(list(server.tickets)), rng)
            try:
                await pulled(database, helpdesk)
            except HelpdeskFailed:
                assert (await freshness(database)).state == "failed"
            await asyncio.sleep(rng.uniform(1, 600))
        await pulled(database, helpdesk_of(server))
        for ticket_id, (ticket, timeline) in (await mirror_of(database)).items():
            assert ticket == server.ticket(ticket_id)
            assert len(timeline) == len(server.tickets[ticket_id].notes)
        assert (await freshness(database)).state == "fresh"

    with_database(tmp_path, story)
