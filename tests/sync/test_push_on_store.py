"""The sender on the real database: what it commits, in which order, and what is left after it."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sync import virtual_time
from tests.sync.fake_helpdesk import SETTLE_S, FakeHelpdesk, Faults, Server
from tests.sync.stored import StillDatabase, confirmed, load, with_database
from triage.model.errors import HelpdeskFailed, Refused
from triage.model.operation import (
    Change,
    Conflict,
    Note,
    Operation,
    Outcome,
    Probe,
    Step,
    Throttled,
    Unknown,
)
from triage.store import mirror
from triage.store import outbox as rows
from triage.sync import outbox
from triage.sync.ledger import LEASE_S
from triage.sync.pull import pull
from triage.sync.push import PushResult, push

NOTE = Note("The cache key lacks the tenant.", "internal")


def helpdesk_of(server: Server, **kind: Any) -> FakeHelpdesk:
    return FakeHelpdesk(server, random.Random(1), **kind)


async def send(database: StillDatabase, helpdesk: FakeHelpdesk, **kind: Any) -> PushResult:
    return await push(database.plain, helpdesk, owner="me", now=virtual_time.now, pause=asyncio.sleep, **kind)


@pytest.mark.parametrize("atomic", [True, False])
def test_a_confirmed_write_is_on_the_ticket_once_and_in_the_mirror_as_ours(
    tmp_path: Path, atomic: bool
) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server, atomic=atomic)
        change = Change(note=NOTE, tags_add=("bug",), fields={"esc_code": "x"}, status="hold", assignee="me")
        await confirmed(database, server.ticket("1"), change, "op-a")
        result = await send(database, helpdesk)
        assert result == PushResult(pushed=1)
        kept = server.tickets["1"]
        assert [(note.body, note.public) for note in kept.notes] == [(NOTE.body, False)]
        assert (kept.status, kept.assignee, kept.tags, kept.fields) == (
            "hold",
            "Robin",
            {"bug"},
            {"esc_code": "x"},
        )
        operation = await load(database, "op-a")
        assert operation.state == "verified"
        timeline = await database.read(lambda session: mirror.load_timeline(session, "1"))
        assert [event.marker for event in timeline] == [operation.steps[-1].key]
        assert await send(database, helpdesk) == PushResult()
        await pull(database.plain, helpdesk, "all", now=virtual_time.now)
        await pull(database.plain, helpdesk, "all", now=virtual_time.now)
        assert len(await database.read(lambda session: mirror.load_timeline(session, "1"))) == 1

    with_database(tmp_path, story)


def test_sending_is_committed_before_the_request_leaves(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        seen: list[tuple[str, int, bool]] = []

        async def apply(step: Step, ticket_id: str) -> Outcome:
            kept = (await load(database, "op-a")).steps[0]
            seen.append((kept.state, kept.attempts, kept.sent_at == virtual_time.now()))
            return Unknown("the test pulled the plug")

        helpdesk.apply = apply  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        assert seen == [("sending", 1, True)]

    with_database(tmp_path, story)


def test_what_waits_says_until_when_and_waiting_mode_waits_for_it(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server, faults=lambda: Faults(lost_reply=1.0))
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        result = await send(database, helpdesk)
        assert (result.pushed, result.waiting) == (0, 1)
        assert result.next_due == virtual_time.now() + timedelta(seconds=SETTLE_S)
        result = await send(database, helpdesk, wait=True)
        assert (result.pushed, result.waiting) == (1, 0)
        assert len(server.tickets["1"].notes) == 1

    with_database(tmp_path, story)


def test_the_profile_may_set_another_settle_window(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server, faults=lambda: Faults(lost_reply=1.0))
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        result = await send(database, helpdesk, settle_s=7)
        assert result.next_due == virtual_time.now() + timedelta(seconds=7)

    with_database(tmp_path, story)


def test_a_lost_request_is_sent_again_only_after_two_scans_one_window_apart(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        losing = [Faults(lost_request=1.0)]
        helpdesk = helpdesk_of(server, faults=lambda: losing[0] if losing else Faults())
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        losing.clear()
        unknown_since = virtual_time.now()
        await send(database, helpdesk, wait=True)
        (note,) = server.tickets["1"].notes
        assert note.at >= unknown_since + timedelta(seconds=2 * SETTLE_S)

    with_database(tmp_path, story)


def test_a_step_found_in_sending_is_looked_for_not_sent(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        reached = asyncio.Event()

        async def hang(step: Step, ticket_id: str) -> Outcome:
            server.apply(step, ticket_id, "dying", ignore=False, lag_s=0)
            reached.set()
            await asyncio.sleep(10_000)
            raise AssertionError

        dying = helpdesk_of(server)
        dying.apply = hang  # type: ignore[method-assign]
        task = asyncio.create_task(send(database, dying))
        await reached.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await load(database, "op-a")).state == "sending"
        assert (await send(database, helpdesk)).waiting == 1
        assert (await send(database, helpdesk, wait=True)).pushed == 1
        assert len(server.tickets["1"].notes) == 1

    with_database(tmp_path, story)


def test_two_senders_in_one_process_are_two_senders(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server, faults=lambda: Faults(slow=1.0))
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        first = asyncio.create_task(send(database, helpdesk))
        await asyncio.sleep(5)
        second = await send(database, helpdesk)
        assert second.busy
        assert second.waiting == 1
        assert second.next_due is not None
        assert (await first).pushed == 1
        assert len(server.tickets["1"].notes) == 1

    with_database(tmp_path, story)


def test_an_idle_ticket_does_not_wait_for_a_stuck_one_and_order_holds_within_one(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1", "2"])
        helpdesk = helpdesk_of(server)
        plain = helpdesk.apply

        async def apply(step: Step, ticket_id: str) -> Outcome:
            return Throttled(60, "ticket") if ticket_id == "1" else await plain(step, ticket_id)

        helpdesk.apply = apply  # type: ignore[method-assign]
        for number, ticket_id in enumerate(["1", "1", "2"]):
            at = virtual_time.now() + timedelta(seconds=number)
            change = Change(note=Note(f"note {number}", "internal"))
            await confirmed(database, server.ticket(ticket_id), change, f"op-{9 - number}", at)
        result = await send(database, helpdesk)
        assert (result.pushed, result.waiting) == (1, 2)
        assert result.next_due is not None
        assert timedelta(seconds=50) < result.next_due - virtual_time.now() <= timedelta(seconds=60)
        helpdesk.apply = plain  # type: ignore[method-assign]
        await send(database, helpdesk, wait=True)
        assert [note.body for note in server.tickets["1"].notes] == ["note 0", "note 1"]

    with_database(tmp_path, story)


def test_a_wait_for_the_whole_account_holds_every_ticket(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server([str(number) for number in range(20)])
        helpdesk = helpdesk_of(server)
        asked = 0

        async def apply(step: Step, ticket_id: str) -> Outcome:
            nonlocal asked
            asked += 1
            return Throttled(60, "account")

        helpdesk.apply = apply  # type: ignore[method-assign]
        for number in range(20):
            await confirmed(database, server.ticket(str(number)), Change(note=NOTE), f"op-{number:02}")
        result = await send(database, helpdesk)
        assert asked <= 4
        assert result.waiting == 20

    with_database(tmp_path, story)


def test_waiting_mode_does_not_wait_for_what_stands_behind_a_person(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        seen = server.ticket("1")
        await confirmed(database, seen, Change(status="hold"), "op-a")
        await confirmed(database, seen, Change(note=NOTE), "op-b")
        server.tickets["1"].status = "pending"
        result = await asyncio.wait_for(send(database, helpdesk, wait=True), 10_000)
        assert (result.conflicts, result.waiting, result.pushed) == (1, 0, 0)
        assert server.tickets["1"].notes == []

    with_database(tmp_path, story)


def test_a_machine_that_slept_between_commit_and_request_does_not_send(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        slept = timedelta()
        applied: list[str] = []
        helpdesk = helpdesk_of(server, at_point=applied.append)

        def fall_asleep(operation: Operation) -> None:
            nonlocal slept
            slept = timedelta(seconds=60)

        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await push(
            database.plain,
            helpdesk,
            owner="me",
            now=lambda: virtual_time.now() + slept,
            on_change=fall_asleep,
        )
        assert not [where for where in applied if where.startswith("apply")]
        kept = await load(database, "op-a")
        assert (kept.state, server.writes) == ("pending", [])

    with_database(tmp_path, story)


def test_a_field_the_ticket_does_not_have_is_not_called_written(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        helpdesk.plan = lambda operation, current: []  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(fields={"esc_code": "x"}), "op-a")
        assert (await send(database, helpdesk)).rejected == 1

    with_database(tmp_path, story)


def test_what_the_ticket_already_says_needs_no_request(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        change = Change(status="hold", tags_add=("bug",))
        await confirmed(database, server.ticket("1"), change, "op-a")
        server.tickets["1"].status = "hold"
        server.tickets["1"].tags.add("bug")
        assert (await send(database, helpdesk_of(server))).pushed == 1
        assert server.writes == []

    with_database(tmp_path, story)


def test_a_conflict_writes_nothing_shows_both_and_goes_on_as_picked(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        change = Change(note=NOTE, status="hold", fields={"esc_code": "x"})
        await confirmed(database, server.ticket("1"), change, "op-a")
        server.tickets["1"].status = "pending"
        server.tickets["1"].fields["esc_code"] = "y"
        server.bump(server.tickets["1"])
        result = await send(database, helpdesk)
        assert (result.conflicts, result.pushed) == (1, 0)
        assert server.writes == []
        stuck = await load(database, "op-a")
        assert "status" in stuck.problem
        assert "“pending”" in stuck.problem
        current = await database.read(lambda session: mirror.load_ticket(session, "1"))
        assert current is not None
        picked = outbox.resolve(stuck, {"status": "mine", "esc_code": "theirs"}, current)
        await database.write(lambda session: rows.save_operation(session, picked))
        assert (await send(database, helpdesk)).pushed == 1
        kept = server.tickets["1"]
        assert (kept.status, kept.fields["esc_code"], len(kept.notes)) == ("hold", "y", 1)

    with_database(tmp_path, story)


def test_a_second_write_of_ours_does_not_take_the_first_for_a_strangers(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        seen = server.ticket("1")
        await confirmed(database, seen, Change(status="hold"), "op-a")
        await confirmed(database, seen, Change(status="pending"), "op-b")
        assert (await send(database, helpdesk)).pushed == 2
        assert server.tickets["1"].status == "pending"

    with_database(tmp_path, story)


def test_fields_the_helpdesk_silently_ignored_are_told_not_called_written(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server, faults=lambda: Faults(ignored=1.0))
        await confirmed(database, server.ticket("1"), Change(note=NOTE, status="hold"), "op-a")
        result = await send(database, helpdesk)
        assert (result.pushed, result.parked) == (0, 1)
        assert (await load(database, "op-a")).problem == "status was not set"

    with_database(tmp_path, story)


def test_a_note_that_became_public_raises_the_alarm(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        plain = helpdesk.apply

        async def apply(step: Step, ticket_id: str) -> Outcome:
            outcome = await plain(step, ticket_id)
            server.tickets[ticket_id].notes[-1].public = True
            return outcome

        helpdesk.apply = apply  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        result = await send(database, helpdesk)
        assert result.parked == 1
        assert result.alarms == ("HL-1: PUBLIC: the customer sees a note that should be internal",)
        assert (await load(database, "op-a")).problem.startswith("PUBLIC:")

    with_database(tmp_path, story)


def test_a_public_plan_for_an_internal_note_never_leaves(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        plain = helpdesk.plan

        def plan(operation: Operation, current: Any) -> list[Step]:
            steps = plain(operation, current)
            return [Step(s.key, s.kind, s.payload, "public", s.base, s.probe) for s in steps]

        helpdesk.plan = plan  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        assert (await send(database, helpdesk)).rejected == 1
        assert server.tickets["1"].notes == []

    with_database(tmp_path, story)


def test_a_helpdesk_that_cannot_do_it_safely_is_not_asked(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)

        def plan(operation: Operation, current: Any) -> list[Step]:
            raise Refused("this helpdesk has no internal notes")

        helpdesk.plan = plan  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        assert (await send(database, helpdesk)).rejected == 1
        assert (await load(database, "op-a")).problem == "this helpdesk has no internal notes"

    with_database(tmp_path, story)


def test_a_ticket_that_is_gone_parks_the_write(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        del server.tickets["1"]
        assert (await send(database, helpdesk_of(server))).parked == 1
        assert "no ticket 1" in (await load(database, "op-a")).problem

    with_database(tmp_path, story)


def test_nobody_answering_is_raised_and_nothing_is_lost(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1", "2", "3", "4"])
        down = [True]
        helpdesk = helpdesk_of(server, faults=lambda: Faults(failed_read=1.0 if down[0] else 0.0))
        for ticket_id in server.tickets:
            await confirmed(database, server.ticket(ticket_id), Change(note=NOTE), f"op-{ticket_id}")
        with pytest.raises(HelpdeskFailed):
            await send(database, helpdesk)
        asyncio.get_running_loop().call_later(100, lambda: down.__setitem__(0, False))
        assert (await send(database, helpdesk, wait=True)).pushed == 4

    with_database(tmp_path, story)


def test_an_outage_while_looking_is_waited_out_not_put_before_a_person(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        weather = [Faults(lost_reply=1.0)]
        helpdesk = helpdesk_of(server, faults=lambda: weather[0])
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        weather[0] = Faults(failed_read=1.0)
        await asyncio.sleep(SETTLE_S + 1)
        assert (await send(database, helpdesk)).waiting == 1
        assert (await load(database, "op-a")).state == "unknown"

    with_database(tmp_path, story)


def test_an_adapter_that_cannot_tell_because_nobody_answers_does_not_park_it(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        weather = [Faults(lost_reply=1.0)]
        helpdesk = helpdesk_of(server, faults=lambda: weather[0])

        async def probe(step: Step, ticket_id: str) -> Probe:
            return Probe("cannot_tell", False)

        helpdesk.probe = probe  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        weather[0] = Faults(failed_read=1.0)
        await asyncio.sleep(SETTLE_S + 1)
        assert (await send(database, helpdesk)).waiting == 1
        weather[0] = Faults()
        assert (await send(database, helpdesk)).parked == 1

    with_database(tmp_path, story)


def test_a_clock_set_back_does_not_stretch_the_wait(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server, faults=lambda: Faults(lost_reply=1.0))
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)

        def set_back() -> datetime:
            return virtual_time.now() - timedelta(hours=1)

        result = await push(database.plain, helpdesk, owner="me", now=set_back)
        assert result.busy
        assert result.next_due == set_back() + timedelta(seconds=LEASE_S)
        await asyncio.sleep(LEASE_S)
        result = await push(database.plain, helpdesk, owner="me", now=set_back)
        assert result.next_due == set_back() + timedelta(seconds=SETTLE_S)

    with_database(tmp_path, story)


def test_a_ticket_that_keeps_changing_is_merged_once_more_and_then_left_to_a_person(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        asked = 0

        async def apply(step: Step, ticket_id: str) -> Outcome:
            nonlocal asked
            asked += 1
            return Conflict(None)

        helpdesk.apply = apply  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(status="hold"), "op-a")
        assert (await send(database, helpdesk)).conflicts == 1
        assert asked == 2
        assert "keeps changing" in (await load(database, "op-a")).problem

    with_database(tmp_path, story)


def test_a_fault_in_an_adapter_counts_as_unknown(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)

        async def apply(step: Step, ticket_id: str) -> Outcome:
            raise KeyError("id")

        helpdesk.apply = apply  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        assert (await load(database, "op-a")).state == "unknown"

    with_database(tmp_path, story)


def test_a_write_without_an_answer_is_given_up_as_unknown_within_the_lease(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)

        async def apply(step: Step, ticket_id: str) -> Outcome:
            await asyncio.sleep(100_000)
            raise AssertionError

        helpdesk.apply = apply  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        begun = virtual_time.now()
        await send(database, helpdesk)
        assert (await load(database, "op-a")).problem == "outcome unknown: no answer within 90 s"
        assert virtual_time.now() - begun < timedelta(seconds=180)

    with_database(tmp_path, story)


def test_what_a_person_dropped_meanwhile_stays_dropped_and_tells_what_became_of_it(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        plain = helpdesk.apply

        async def apply(step: Step, ticket_id: str) -> Outcome:
            dropped = outbox.drop(await load(database, "op-a"))
            await database.write(lambda session: rows.save_operation(session, dropped))
            return await plain(step, ticket_id)

        helpdesk.apply = apply  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        kept = await load(database, "op-a")
        assert (kept.state, kept.steps[0].state) == ("dropped", "landed")
        assert "may have reached the ticket" in kept.problem

    with_database(tmp_path, story)


def test_a_change_by_a_person_between_reading_and_sending_is_seen(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        plain = helpdesk.ticket

        async def ticket(ticket_id: str) -> Any:
            found = await plain(ticket_id)
            kept = await load(database, "op-a")
            if kept.state == "pending":
                edited = outbox.edit_note(kept, "Something else.")
                await database.write(lambda session: rows.save_operation(session, edited))
            return found

        helpdesk.ticket = ticket  # type: ignore[method-assign]
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk)
        assert server.tickets["1"].notes == []
        assert (await load(database, "op-a")).state == "proposed"

    with_database(tmp_path, story)


def test_whoever_listens_hears_of_every_step(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        heard: list[str] = []
        await confirmed(database, server.ticket("1"), Change(note=NOTE), "op-a")
        await send(database, helpdesk_of(server), on_change=lambda operation: heard.append(operation.state))
        assert heard == ["sending", "landed", "verified"]

    with_database(tmp_path, story)
