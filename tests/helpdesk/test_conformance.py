"""The checks for adapters: ours pass them, and an adapter that breaks a promise does not."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests.helpdesk.fake_github import FakeGitHub
from tests.helpdesk.fake_redmine import FakeRedmine
from tests.helpdesk.stands import FIELD, FIELDLESS, OURS, TAGS, Stand, redmine, zammad
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.demo.child import DemoProcess, start_demo
from triage.helpdesk.conformance.ground import Ground, Result, Wishes
from triage.helpdesk.conformance.suite import READING, WRITING, examine
from triage.helpdesk.port import Account, Helpdesk, Page
from triage.helpdesk.zendesk.adapter import open_helpdesk as open_zendesk
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, Invalid
from triage.model.operation import Landed, Operation, Outcome, Probe, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with start_demo(tmp_path_factory.mktemp("demo"), seed=7) as process:
        yield process


async def results(
    stand: Stand, ticket_id: str = "", *, tag: str = "triage-check", field: tuple[str, str] | None = FIELD
) -> dict[str, Result]:
    wishes = Wishes(ticket_id, write=bool(ticket_id), tag=tag, field=field)
    count = iter(range(1, 1000))
    ground = Ground(stand.desk, "", wishes, pause=stand.pause, new_id=lambda: f"0197cccc-{next(count):04}")
    return {result.name: result async for result in examine(stand.desk, "", wishes, ground)}


def failed(found: dict[str, Result]) -> list[str]:
    return [f"{one.name}: {one.text}" for one in found.values() if one.state == "failed"]


@pytest.mark.parametrize("name", OURS)
async def test_our_adapters_pass_on_their_fakes(name: str) -> None:
    stand = OURS[name]()
    desk = stand.desk
    ticket = await anext(ticket async for page in desk.queue("") for ticket in page.items)
    field = None if name in FIELDLESS else FIELD
    found = await results(stand, ticket.id, tag=TAGS.get(name, "triage-check"), field=field)
    assert failed(found) == []
    assert len(found) == len(READING) + len(WRITING)
    passed = {one.name for one in found.values() if one.state == "passed"}
    assert {"account", "queue", "ticket", "unknown ticket", "timeline", "delta", "plans"} <= passed
    assert {"note", "unsent"} <= passed
    assert ("file" in passed) is desk.capabilities.internal_files
    assert ("tags" in passed) is (desk.capabilities.tags != "none")
    assert ("fields" in passed) is (field is not None)


async def test_zendesk_passes_over_real_http(demo: DemoProcess, tmp_path: Path) -> None:
    profile = Profile(
        name="demo", helpdesk="zendesk", url=demo.url, folder=tmp_path, database="", auth="bearer"
    )
    desk = open_zendesk(profile, Secret(demo.token))
    try:
        ticket = [ticket async for page in desk.queue("") for ticket in page.items][-1]
        wishes = Wishes(ticket.id, write=True, field=FIELD)
        found = {result.name: result async for result in examine(desk, "", wishes)}
    finally:
        await desk.aclose()
    assert failed(found) == []
    assert {
        one.state for one in found.values() if one.name in ("note", "unsent", "tags", "fields", "conflict")
    } == {"passed"}


async def test_a_tag_the_helpdesk_writes_its_own_way_is_not_left_on_the_ticket(
    demo: DemoProcess, tmp_path: Path
) -> None:
    profile = Profile(
        name="demo", helpdesk="zendesk", url=demo.url, folder=tmp_path, database="", auth="bearer"
    )
    desk = open_zendesk(profile, Secret(demo.token))

    async def last() -> Ticket:
        return [ticket async for page in desk.queue("") for ticket in page.items][-1]

    try:
        before = await last()
        wishes = Wishes(before.id, write=True, tag="two words")
        found = {result.name: result async for result in examine(desk, "", wishes)}
        after = await last()
    finally:
        await desk.aclose()
    assert "two_words" in found["tags"].text
    assert set(after.tags) == set(before.tags)


async def test_a_helpdesk_without_internal_notes_passes_by_refusing() -> None:
    server = FakeGitHub()
    server.add_issue(1)
    found = await results(Stand(server, server.desk()), "1", field=None)
    assert failed(found) == []
    assert "refused" in found["plans"].text
    assert found["note"].state == "not_applicable"


async def test_writing_needs_a_ticket_and_an_account() -> None:
    with pytest.raises(Invalid, match="needs a ticket"):
        [result async for result in examine(redmine().desk, "", Wishes(write=True))]
    server = FakeRedmine()
    server.before = lambda request: httpx.Response(401)
    with pytest.raises(HelpdeskFailed, match="not accepted"):
        [result async for result in examine(server.desk())]


# --- an adapter that breaks one promise --------------------------------------------------------------------

NOW = datetime.now(UTC)


class Broken:
    """The Redmine adapter on its fake, with one promise broken; everything else is passed on."""

    def __init__(self) -> None:
        self.stand = redmine()
        self.whole = self.stand.desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


def broken(adapter: type[Broken]) -> Stand:
    made = adapter()
    return Stand(made.stand.server, cast("Helpdesk", made))


class Nameless(Broken):
    async def whoami(self) -> Account:
        return Account("5", " ")


class Doubling(Broken):
    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        async for page in self.whole.queue(selector):
            yield Page([*page.items, *page.items[:1]], None, page.done)


class Endless(Broken):
    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        async for page in self.whole.queue(selector):
            if not page.done:
                yield page


class Zoneless(Broken):
    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        async for page in self.whole.queue(selector):
            items = [
                dataclasses.replace(one, updated_at=one.updated_at.replace(tzinfo=None)) for one in page.items
            ]
            yield Page(items, None, page.done)


class AllWelcome(Broken):
    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        async for page in self.whole.queue(""):
            yield page


class Inventing(Broken):
    async def ticket(self, ticket_id: str) -> Ticket:
        return await self.whole.ticket(ticket_id if ticket_id.isdigit() else "1")


class Elsewhere(Broken):
    async def ticket(self, ticket_id: str) -> Ticket:
        return await self.whole.ticket("2" if ticket_id == "1" else ticket_id)


class Backwards(Broken):
    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        async for page in self.whole.timeline(ticket):
            yield Page(page.items[::-1], None, page.done)


class Tomorrow(Broken):
    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        async for page in self.whole.timeline(ticket):
            yield Page(
                [dataclasses.replace(one, at=NOW + timedelta(hours=5)) for one in page.items], None, page.done
            )


class Renumbering(Broken):
    count = 0

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        self.count += 1
        async for page in self.whole.timeline(ticket):
            yield Page(
                [dataclasses.replace(one, id=f"{self.count}-{one.id}") for one in page.items], None, page.done
            )


class Stuck(Broken):
    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        async for page in self.whole.changes(selector, cursor):
            yield Page(page.items, page.cursor if cursor is None else cursor, page.done)


class Forgetful(Broken):
    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        async for page in self.whole.changes(selector, cursor):
            yield Page(page.items, None if cursor and page.done else page.cursor, page.done)


class Faulty(Broken):
    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        if cursor is not None:
            int(cursor)
        yield Page((), "7", True)


class Moody(Broken):
    count = 0

    def plan(self, operation: Operation, current: Ticket) -> list[Step]:
        self.count += 1
        steps = self.whole.plan(operation, current)
        return [dataclasses.replace(step, key=f"{step.key}-{self.count}") for step in steps]


class Loud(Broken):
    def plan(self, operation: Operation, current: Ticket) -> list[Step]:
        steps = self.whole.plan(operation, current)
        return [dataclasses.replace(step, visibility="public") for step in steps]


class Hopeful(Broken):
    def plan(self, operation: Operation, current: Ticket) -> list[Step]:
        steps = self.whole.plan(operation, current)
        asked = {"fields": dict(operation.change.fields)}
        return steps or [Step(f"{operation.id}-1", "fields", asked, "internal", None, "state")]


@pytest.mark.parametrize(
    ("adapter", "check"),
    [
        (Nameless, "account"), (Doubling, "queue"), (Endless, "queue"), (Zoneless, "queue"),
        (AllWelcome, "unknown queue"), (Inventing, "unknown ticket"), (Elsewhere, "ticket"),
        (Backwards, "timeline"), (Renumbering, "timeline"), (Tomorrow, "times"), (Stuck, "delta"),
        (Forgetful, "delta"), (Faulty, "foreign cursor"), (Moody, "plans"),
        (Loud, "plans"), (Hopeful, "unknown field"),
    ],
)  # fmt: skip
async def test_a_broken_promise_of_reading_is_found(adapter: type[Broken], check: str) -> None:
    found = await results(broken(adapter), field=None)
    assert found[check].state == "failed", found[check]


class Boastful(Broken):
    @property
    def capabilities(self) -> Capabilities:
        return dataclasses.replace(self.whole.capabilities, internal_files=True)


class Careless(Broken):
    """Takes the note and forgets its files."""

    def plan(self, operation: Operation, current: Ticket) -> list[Step]:
        note = operation.change.note and dataclasses.replace(operation.change.note, files=())
        change = dataclasses.replace(operation.change, note=note)
        return list(self.whole.plan(dataclasses.replace(operation, change=change), current))


class BoastfulAndCareless(Boastful, Careless):
    pass


@pytest.mark.parametrize("adapter", [Boastful, Careless, BoastfulAndCareless])
async def test_a_broken_promise_about_files_is_found(adapter: type[Broken]) -> None:
    assert (await results(broken(adapter), field=None))["files"].state == "failed"


class OnZammad(Broken):
    """The same with the Zammad adapter, which takes files; it says yes to whatever is read back."""

    def __init__(self) -> None:
        self.stand = zammad()
        self.whole = self.stand.desk

    async def verify(self, step: Step, ticket_id: str) -> list[str]:
        return []

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        return await self.whole.apply(self.spoilt(step), ticket_id)

    def spoilt(self, step: Step) -> Step:
        return step


class Losing(OnZammad):
    def spoilt(self, step: Step) -> Step:
        return dataclasses.replace(step, payload={**step.payload, "files": []})


class Changing(OnZammad):
    def __init__(self) -> None:
        super().__init__()
        self.stand.server.cut = bytes.upper


class Showing(OnZammad):
    def __init__(self) -> None:
        super().__init__()
        self.stand.server.honours_internal = False


class SendingTwice(OnZammad):
    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        await self.whole.apply(step, ticket_id)
        return await self.whole.apply(step, ticket_id)


@pytest.mark.parametrize("adapter", [Losing, Changing, Showing, SendingTwice])
async def test_a_file_that_is_lost_changed_shown_or_doubled_is_found(adapter: type[Broken]) -> None:
    found = await results(broken(adapter), "1", field=None)
    assert found["file"].state == "failed", found["file"]


class Repeating(Broken):
    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        await self.whole.apply(step, ticket_id)
        return await self.whole.apply(step, ticket_id)


class Swallowing(Broken):
    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        return Landed(None, None)

    async def verify(self, step: Step, ticket_id: str) -> list[str]:
        return []


class Leaking(Broken):
    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        return await self.whole.apply(dataclasses.replace(step, visibility="public"), ticket_id)

    async def verify(self, step: Step, ticket_id: str) -> list[str]:
        return []


class Blind(Broken):
    async def probe(self, step: Step, ticket_id: str) -> Probe:
        return Probe("absent", complete_scan=True)


class Seeing(Broken):
    async def probe(self, step: Step, ticket_id: str) -> Probe:
        return Probe("found", complete_scan=True)


class Clearing(Broken):
    def plan(self, operation: Operation, current: Ticket) -> list[Step]:
        steps = self.whole.plan(operation, current)
        return [
            dataclasses.replace(step, payload={**step.payload, "tags": list(operation.change.tags_add)})
            if "tags" in step.payload else step for step in steps
        ]  # fmt: skip


class Overwriting(Broken):
    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        return await self.whole.apply(dataclasses.replace(step, base=None), ticket_id)


@pytest.mark.parametrize(
    ("adapter", "check"),
    [
        (Repeating, "note"), (Swallowing, "note"), (Swallowing, "tags"), (Swallowing, "fields"),
        (Leaking, "note"), (Blind, "note"), (Seeing, "unsent"), (Clearing, "tags"), (Overwriting, "conflict"),
    ],
)  # fmt: skip
async def test_a_broken_promise_of_writing_is_found(adapter: type[Broken], check: str) -> None:
    found = await results(broken(adapter), "1", tag="esc-bug")
    assert found[check].state == "failed", found[check]


async def test_a_value_the_site_refuses_is_not_held_against_the_adapter() -> None:
    found = await results(redmine(), "1", tag="not-in-the-list")
    assert found["tags"].state == "not_applicable"
    assert "not included in the list" in found["tags"].text
