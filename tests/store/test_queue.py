from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from tests.store.samples import NOW, event, operation, promise, queues, reply, ticket
from triage.model.case import InvestigationSummary, RunSummary
from triage.model.entry import Entry
from triage.model.queue import QueueItem
from triage.model.queue_filter import matches, parse_filter
from triage.store import membership, mirror, outbox, projections, pull_state, queue_rows, seen
from triage.store.column_types import to_microseconds
from triage.store.database import Database
from triage.store.first_page import first_page
from triage.store.queue_derivation import derive
from triage.store.queue_order import NO_PROMISE, STRETCHES, Stretch
from triage.store.upsert import upsert

several = settings(
    max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)

filters = st.lists(
    st.sampled_from(
        [
            "",
            "cobalt",
            "!cobalt",
            "owner:me",
            "-owner:me",
            "owner:-",
            "owner:mara",
            "tag:sso",
            "!tag:tag",
            "tag:Straße",
            "is:broken",
            "is:un",
            "is:s",
            "is:new",
            "is:zzz",
            "!is:unsent",
            "pri:u",
            "pri:-",
            "!pri:high",
            "state:playbook",
            "state:new",
            "status:pend",
            'customer:"cobalt f"',
            "customer:-",
            "%",
            "_",
            "~",
            "größe",
            "STRASSE",
            "key:hl",
            "product:",
            "is:",
            "http://x",
            "rel:pro",
            '"',
            'a"b c"d',
            "!",
            "-",
            "subject:ünï",
        ]
    ),
    max_size=3,
).map(tuple)


def put(session: Session, items: list[QueueItem]) -> None:
    queue_rows.forget_all(session)
    upsert(session, queue_rows.QueueRow, [queue_rows.row_values(item) for item in items])


def by_rule(item: QueueItem) -> tuple[object, ...]:
    """The order in the words of the rule, written a second time."""
    group = {"broken": 0, "unacknowledged": 1, "soon": 2, "waiting": 3}[item.due(NOW)]
    by = item.next_promise_due if group in (0, 2) else item.waiting_since
    return (group, by, item.id)


@several
@given(queues(), filters, st.integers(0, 14), st.integers(0, 6))
def test_a_window_is_a_stretch_of_the_filtered_and_ordered_queue(
    session: Session, items: list[QueueItem], texts: tuple[str, ...], offset: int, limit: int
) -> None:
    put(session, items)
    me = ("mara", "Größe")
    passing = [item for item in items if matches(parse_filter(*texts), item, NOW, me)]
    expected = sorted(passing, key=by_rule)
    shown = queue_rows.window(session, NOW, offset=offset, limit=limit, filters=texts, me=me)
    assert shown.items == tuple(expected[offset : offset + limit])
    assert (shown.offset, shown.matching, shown.total) == (offset, len(expected), len(items))
    for item in items:
        place = queue_rows.position(session, item.id, NOW, filters=texts, me=me)
        assert place == (expected.index(item) if item in expected else None)


@several
@given(queues())
def test_the_headline_counts_what_the_rows_say(session: Session, items: list[QueueItem]) -> None:
    put(session, items)
    counts = queue_rows.counts(session, NOW)
    assert counts.open == len(items)
    assert counts.broken == sum(item.due(NOW) == "broken" for item in items)
    assert counts.unacknowledged == sum(item.unacknowledged for item in items)
    soon = [item.next_promise_due for item in items if item.next_promise_due and item.next_promise_due >= NOW]
    assert counts.due_soon == sum(due < NOW + timedelta(hours=1) for due in soon)


def test_the_order_moves_with_the_clock_without_touching_rows(session: Session) -> None:
    mirror.save_tickets(session, [ticket("1"), ticket("2", created_at=NOW - timedelta(days=9))], NOW)
    mirror.save_timelines(session, {"1": [event("a", "1"), reply("b", "1", 23)], "2": [reply("b", "2", -30)]})
    membership.set_members(session, "q", ["1", "2"], NOW)
    queue_rows.refresh(session, ["1", "2"])
    put(
        session,
        [
            replace(item, next_promise_due=NOW + timedelta(hours=2) if item.id == "1" else None)
            for item in queue_rows.window(session, NOW, offset=0, limit=9).items
        ],
    )

    def order(hours: float) -> list[str]:
        at = NOW + timedelta(hours=hours)
        return [item.id for item in queue_rows.window(session, at, offset=0, limit=9).items]

    assert (order(0), order(1.5), order(2.5)) == (["2", "1"], ["1", "2"], ["1", "2"])


@pytest.mark.parametrize("waiting_for_an_answer", [0, 1])
@pytest.mark.parametrize("direction", ["", "DESC"])
@pytest.mark.parametrize(("stretch", "index"), zip(STRETCHES, ["due", "waiting"] * 2, strict=True))
def test_every_stretch_is_walked_along_its_own_index(
    session: Session, stretch: Stretch, index: str, direction: str, waiting_for_an_answer: int
) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("the plan of SQLite")
    item = queue_rows.row_values(TestDerive().item())
    rows = [
        item | {"ticket_id": str(n), "next_due": n, "unacknowledged": waiting_for_an_answer}
        for n in range(500)
    ]
    upsert(session, queue_rows.QueueRow, rows)
    order = f"ORDER BY {stretch.by} {direction}, ticket_id {direction}"
    for columns, end in (("*", order), ("count(*)", "")):
        sql = f"EXPLAIN QUERY PLAN SELECT {columns} FROM queue WHERE {stretch.condition} {end}"
        steps = [row[3] for row in session.connection().execute(text(sql), {"now": 1, "soon": 2})]
        assert len(steps) == 1
        assert f"INDEX ix_queue_{index}" in steps[0]


def test_no_promise_sorts_behind_every_real_time() -> None:
    from datetime import UTC, datetime

    from triage.store.column_types import to_microseconds

    assert to_microseconds(datetime.max.replace(tzinfo=UTC)) < NO_PROMISE


class TestRefresh:
    def shown(self, session: Session) -> list[str]:
        return [item.id for item in queue_rows.window(session, NOW, offset=0, limit=99).items]

    def test_a_row_needs_membership_and_an_open_ticket_that_is_there(self, session: Session) -> None:
        tickets = [ticket("1"), ticket("2", open=False), ticket("3"), ticket("4")]
        mirror.save_tickets(session, tickets, NOW)
        mirror.mark_gone(session, ["3"])
        membership.set_members(session, "q", ["1", "2", "3", "9"], NOW)
        queue_rows.refresh(session, ["1", "2", "3", "4", "9"])
        assert self.shown(session) == ["1"]

    def test_leaving_the_queue_takes_the_row_away(self, session: Session) -> None:
        mirror.save_tickets(session, [ticket("1"), ticket("2")], NOW)
        first = membership.set_members(session, "q", ["1", "2"], NOW)
        queue_rows.refresh(session, first.entered)
        change = membership.set_members(session, "q", ["2"], NOW)
        assert change == membership.MembershipChange(frozenset(), frozenset("1"))
        queue_rows.refresh(session, change.left)
        assert self.shown(session) == ["2"]

    def test_another_selector_replaces_the_queue(self, session: Session) -> None:
        membership.set_members(session, "old", ["1", "2"], NOW)
        change = membership.set_members(session, "new", ["2", "3"], NOW)
        assert change == membership.MembershipChange(frozenset("3"), frozenset("1"))
        assert membership.members(session, "new") == {"2", "3"}
        assert membership.members(session, "old") == frozenset()

    def test_who_entered_while_a_pull_looked_stays(self, session: Session) -> None:
        membership.set_members(session, "q", ["1", "2", "3"], NOW)
        change = membership.set_members(session, "q", ["1"], NOW, looked_at=["1", "2"])
        assert change.left == {"2"}
        assert membership.members(session) == {"1", "3"}

    def test_a_row_tells_all_we_know(self, session: Session) -> None:
        mirror.save_tickets(session, [ticket("1", priority="urgent", tags=("a", "b"), assignee="mara")], NOW)
        words = "I will send you an update by 2026-03-10 16:00 UTC."
        mirror.save_timeline(session, "1", [event("e"), reply("r", hour=20, text=words)])
        membership.set_members(session, "q", ["1"], NOW)
        outbox.add_operation(session, operation("op"))
        seen.mark_seen(session, "1", "v0", NOW)
        projections.replace_for_run(session, "1", RunSummary("r", "sso", "open", "", 4, 11, NOW))
        queue_rows.refresh(session, ["1"])
        item = queue_rows.window(session, NOW, offset=0, limit=1).items[0]
        assert item.waiting_since == NOW - timedelta(hours=4)
        assert item.next_promise_due is not None
        assert item.next_promise_due.hour == 16
        assert (item.local_state, item.fresh, item.to_send) == ("playbook 4/11", "changed", 1)
        assert (item.priority, item.tags, item.unacknowledged) == ("urgent", ("a", "b"), False)
        due = to_microseconds(item.next_promise_due)
        kept = session.connection().exec_driver_sql(f"SELECT count(*) FROM promises WHERE due = {due}")
        assert kept.scalar() == 1

    def test_a_ticket_outside_the_queue_has_an_item_too(self, session: Session) -> None:
        mirror.save_tickets(session, [ticket("1")], NOW)
        item = queue_rows.load_item(session, "1")
        assert item is not None
        assert item.key == "HL-1"
        assert self.shown(session) == []
        assert queue_rows.load_item(session, "2") is None


class TestDerive:
    def item(self, **more: object) -> QueueItem:
        known: dict[str, object] = {
            "ticket": ticket(),
            "timeline": [event()],
            "promises": [],
            "runs": [],
            "investigation": None,
            "operations": [],
            "seen": "v1",
        }
        return derive(**(known | more))  # type: ignore[arg-type]

    def test_waiting_begins_with_our_last_public_word(self) -> None:
        internal = replace(reply("n", hour=9), visibility="internal")
        theirs = event("c", hour=8)
        assert (
            self.item(timeline=[event(), reply("r", hour=2), theirs, internal]).waiting_since
            == reply("r", hour=2).at
        )

    def test_without_a_word_from_us_it_waits_since_it_was_made_and_is_unacknowledged(self) -> None:
        item = self.item()
        assert (item.waiting_since, item.unacknowledged) == (ticket().created_at, True)
        assert self.item(timeline=[reply("r")]).unacknowledged is False

    def test_an_unread_timeline_raises_no_false_alarm(self) -> None:
        assert self.item(timeline=[]).unacknowledged is False

    def test_the_next_promise_is_the_earliest_that_is_neither_met_nor_withdrawn(self) -> None:
        dues = [NOW + timedelta(hours=hour) for hour in (1, 2, 3, 4)]
        promises = [
            promise(dues[0], met_at=NOW),
            promise(dues[1], withdrawn=True),
            promise(dues[3]),
            promise(dues[2]),
        ]
        assert self.item(promises=promises).next_promise_due == dues[2]

    @pytest.mark.parametrize(("version", "fresh"), [(None, "new"), ("v0", "changed"), ("v1", "")])
    def test_what_a_person_has_not_seen_is_marked(self, version: str | None, fresh: str) -> None:
        assert self.item(seen=version).fresh == fresh

    @pytest.mark.parametrize(
        ("status", "outcome", "words"),
        [
            ("open", "", "playbook 4/11"),
            ("parked", "", "parked 4/11"),
            ("ended", "handed_over", "playbook handed over"),
            ("stopped", "", "playbook stopped"),
        ],
    )
    def test_the_state_names_the_run(self, status: str, outcome: str, words: str) -> None:
        run = RunSummary("r", "sso", status, outcome, 4, 11, NOW)  # type: ignore[arg-type]
        assert self.item(runs=[run]).local_state == words

    def test_an_investigation_outranks_a_run(self) -> None:
        run = RunSummary("r", "sso", "open", "", 4, 11, NOW)
        opened = InvestigationSummary("i", "factual", "open", "full", "undetermined", "", NOW, None)
        assert self.item(runs=[run], investigation=opened).local_state == "investigating"
        assert self.item(investigation=replace(opened, state="adopted")).local_state == "adopted"

    def test_marks_follow_the_latest_entry(self) -> None:
        marks = [
            Entry(str(n), "1", "case", "1", "case.marked", NOW, "mara", "driver", data={"on": on})
            for n, on in enumerate((True, False, True))
        ]
        assert self.item(case_entries=marks).marked
        assert not self.item(case_entries=marks[:2]).marked
        taken = replace(marks[0], kind="case.taken")
        assert self.item(case_entries=[taken]).local_state == "taken"


HALF_WRITTEN = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE queue SET subject = 'half'")
connection.executemany("INSERT INTO cursors VALUES (?, ?)", [(str(n), "x" * 3000) for n in range(300)])
os.kill(os.getpid(), 9)
"""


class TestFirstPage:
    async def filled(self, database: Database) -> None:
        def write(session: Session) -> None:
            tickets = [ticket(str(number), created_at=NOW - timedelta(hours=number)) for number in range(9)]
            mirror.save_tickets(session, tickets, NOW)
            mirror.save_timelines(session, {one.id: [event("e", one.id)] for one in tickets[3:]})
            outbox.add_operation(session, operation("op"))
            membership.set_members(session, "q", [one.id for one in tickets], NOW)
            queue_rows.refresh(session, [one.id for one in tickets])
            pull_state.record_pull(session, "done", NOW - timedelta(minutes=2), notices=["n"])

        await database.write(write)

    @pytest.mark.parametrize("texts", [(), ("is:unacknowledged",), ("cobalt", "!key:hl-4")])
    async def test_it_is_what_the_store_would_show(
        self, database: Database, path: Path, texts: tuple[str, ...]
    ) -> None:
        await self.filled(database)
        page = first_page(path, now=NOW, limit=4, filters=texts)
        assert page is not None
        assert page.window == await database.read(
            lambda session: queue_rows.window(session, NOW, offset=0, limit=4, filters=texts)
        )
        assert page.counts == await database.read(lambda session: queue_rows.counts(session, NOW))
        assert page.counts.to_send == 1
        assert page.freshness == await database.read(lambda session: pull_state.freshness(session, NOW))

    async def test_a_database_that_never_pulled_gives_nothing(self, database: Database, path: Path) -> None:
        assert first_page(path, now=NOW) is None

    def test_no_database_gives_nothing_and_makes_none(self, tmp_path: Path) -> None:
        assert first_page(tmp_path / "triage.db", now=NOW) is None
        assert first_page(None, now=NOW) is None
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"\0" * 84])
    def test_a_foreign_file_gives_nothing(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "triage.db"
        path.write_bytes(content)
        assert first_page(path, now=NOW) is None
        assert path.read_bytes() == content

    async def test_a_database_of_another_version_gives_nothing(self, database: Database, path: Path) -> None:
        import sqlite3

        await self.filled(database)
        await database.close()
        with sqlite3.connect(path) as plain:
            plain.execute("PRAGMA user_version = 99")
        plain.close()
        assert first_page(path, now=NOW) is None

    async def test_after_a_kill_in_the_middle_of_a_write_it_shows_what_was_saved(
        self, database: Database, path: Path
    ) -> None:
        await self.filled(database)
        await database.close()
        killed = subprocess.run([sys.executable, "-c", HALF_WRITTEN, str(path)], check=False)
        assert killed.returncode == -9
        assert path.with_name("triage.db-journal").stat().st_size > 0
        page = first_page(path, now=NOW, limit=4)
        assert page is not None
        assert {item.subject for item in page.window.items} == {"Manifests cannot be opened"}

    async def test_a_locked_database_gives_nothing_soon(self, database: Database, path: Path) -> None:
        import sqlite3

        await self.filled(database)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert first_page(path, now=NOW) is None
        other.execute("ROLLBACK")
        other.close()
        assert first_page(path, now=NOW) is not None

    async def test_a_broken_database_gives_nothing(self, database: Database, path: Path) -> None:
        await self.filled(database)
        await database.close()
        content = bytearray(path.read_bytes())
        content[100:] = b"\xff" * (len(content) - 100)
        path.write_bytes(content)
        assert first_page(path, now=NOW) is None
