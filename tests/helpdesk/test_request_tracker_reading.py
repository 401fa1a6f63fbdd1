from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_request_tracker import START, FakeRequestTracker
from tests.helpdesk.writing import everything
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk import body as body_module
from triage.helpdesk.html_text import words_of
from triage.helpdesk.request_tracker.adapter import open_helpdesk
from triage.helpdesk.request_tracker.queue import BLANK_PAGES, Cursor, quoted
from triage.helpdesk.shape import moment
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, TriageError
from triage.model.timeline import TimelineEvent


@pytest.fixture
def server() -> FakeRequestTracker:
    return FakeRequestTracker()


async def timeline(server: FakeRequestTracker, number: int = 1, **profile: Any) -> list[TimelineEvent]:
    desk = server.desk(**profile)
    return await everything(desk.timeline(await desk.ticket(str(number))))


async def test_a_history_is_read_on_over_pages_that_hidden_rows_have_emptied(
    server: FakeRequestTracker,
) -> None:
    server.add_ticket(1)
    for place in range(150):
        server.add_row(1, "EmailRecord", hidden=place >= 40)
    server.add_row(1, "Correspond", text="the last word")
    assert [event.text for event in await timeline(server)][-1] == "the last word"


async def test_a_history_that_repeats_is_stopped(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    first = {
        "items": [
            {"id": "101", "Type": "Status", "Creator": {"id": "noor"}, "Created": "2026-03-01T08:00:00Z"}
        ]
    }
    server.before = lambda r: httpx.Response(200, json=first) if r.url.path.endswith("history") else None
    with pytest.raises(HelpdeskFailed, match="same page"):
        await timeline(server)


async def test_mail_copies_are_neither_told_nor_fetched(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    server.add_row(1, "EmailRecord", creator="RT_System", text="Dear Ilse, ...")
    server.add_row(1, "SetWatcher", field="Owner", old="6", new="47")
    events = await timeline(server)
    assert [event.text for event in events if event.kind == "message"] == ["It is broken."]
    asked = [request for request in server.asked if request.url.path.endswith("attachments")]
    assert not [request for request in asked if "1020" in str(request.url)]


async def test_an_owner_that_is_written_down_twice_is_told_once(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    server.add_row(1, "Set", field="Owner", old="6", new="47")
    server.add_row(1, "Give", field="Owner", old="6", new="47")
    server.add_row(1, "Set", field="Owner", old="47", new="6")
    told = [(e.old, e.new) for e in await timeline(server) if e.field == "assignee"]
    assert told == [("", "Noor"), ("Noor", "")]


async def test_moves_tags_fields_and_queues_have_names(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    server.add_row(1, "Set", field="Queue", old="3", new="4")
    server.add_row(1, "CustomField", field="1", new="escalated")
    server.add_row(1, "CustomField", field="2", old="sev2", new="sev1")
    server.add_row(1, "Set", field="Told", new="x")
    server.add_row(1, "Mystery", field="?", new="x")
    told = [(event.kind, event.field, event.new) for event in (await timeline(server))[1:]]
    assert told == [
        ("escalation", "queue", "L3 Escalations"),
        ("escalation", "tags", "escalated"),
        ("change", "priority", "sev1"),
    ]


async def test_a_ticket_born_in_the_escalation_queue_was_escalated_then(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    first, second = await timeline(server)
    assert (first.kind, first.actor_role) == ("message", "customer")
    assert (second.kind, second.at, second.id) == ("escalation", first.at, f"{first.id}.escalation")
    server.add_ticket(2, queue="3")
    assert [event.kind for event in await timeline(server, 2)] == ["message"]


async def test_roles_come_from_groups_and_the_profile(server: FakeRequestTracker) -> None:
    server.add_ticket(1, queue="3")
    for who in ("noor", "bot", "RT_System"):
        server.add_row(1, "Comment", creator=who, text="x")
    assert [e.actor_role for e in await timeline(server)] == [
        "customer", "engineering", "support_frontline", "helpdesk",
    ]  # fmt: skip
    named = await timeline(server, roles={"noor": "product", "Ilse": "partner_or_third_party"})
    assert [e.actor_role for e in named][:2] == ["partner_or_third_party", "product"]


async def test_the_words_of_a_mail_in_html_are_read(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    server.add_row(
        1, "Correspond", creator="ilse", text="<p>One &amp; <b>two</b><br>three</p>", media="text/html"
    )
    assert (await timeline(server))[-1].text == "One & two\nthree"


async def test_one_message_that_is_too_long_does_not_hide_the_others(
    server: FakeRequestTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_module, "LARGEST_BODY", 20_000)
    server.add_ticket(1)
    server.add_row(1, "Comment", text="x" * 30_000)
    server.add_row(1, "Comment", text="short")
    texts = [event.text for event in await timeline(server) if event.kind == "message"]
    assert texts[0] == "It is broken."
    assert "too long" in texts[1]
    assert texts[2] == "short"


async def test_dates_that_are_not_set_and_ids_of_any_form_are_understood(server: FakeRequestTracker) -> None:
    server.add_ticket(1, owner="Nobody")
    (listed,) = await everything(server.desk().queue("Queue = Support"))
    single = await server.desk().ticket("1")
    assert (listed.id, listed.assignee, listed.tags, listed.priority) == ("1", "", ("vip",), "high")
    assert listed.customer == "Orla"
    assert (single.version.exact, listed.version.exact) == (True, False)
    assert single.url == listed.url == "https://rt.test/Ticket/Display.html?id=1"


async def test_no_ticket_is_missed_when_others_leave_the_queue_while_it_is_read(
    server: FakeRequestTracker,
) -> None:
    for number in range(1, 251):
        server.add_ticket(number)
    lists = 0

    def resolve_some(request: httpx.Request) -> None:
        nonlocal lists
        if request.url.path.endswith("/tickets") and "__Inactive__" not in str(request.url.params["query"]):
            lists += 1
            if lists == 2:
                for number in range(1, 60):
                    server.tickets[number].status = "resolved"

    server.before = resolve_some
    seen = {int(ticket.id) for ticket in await everything(server.desk().queue("Status = '__Active__'"))}
    assert seen >= set(range(60, 251))


async def test_a_list_of_tickets_that_repeats_is_stopped(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    page = (await server.desk().raw("1"))[0]
    answer = httpx.Response(200, json={"items": [page]})
    server.before = lambda r: (
        httpx.Response(200, content=answer.content) if r.url.path.endswith("/tickets") else None
    )
    with pytest.raises(HelpdeskFailed, match="same page"):
        await everything(server.desk().queue("id > 0"))


async def test_what_a_status_means_is_asked_once(server: FakeRequestTracker) -> None:
    for number in range(1, 31):
        server.add_ticket(number, status="resolved" if number % 2 else "shelved")
    tickets = await everything(server.desk().queue("id > 0"))
    assert {(ticket.status, ticket.open) for ticket in tickets} == {("resolved", False), ("shelved", True)}
    assert len([r for r in server.asked if "__Inactive__" in str(r.url)]) == 2


async def test_nobody_is_asked_where_the_server_believes_it_is(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    await timeline(server)
    assert {request.url.host for request in server.asked} == {"rt.test"}


# --- changes -------------------------------------------------------------------------------------


async def changes(server: FakeRequestTracker, cursor: str | None) -> tuple[set[str], str | None]:
    pages = [page async for page in server.desk().changes("", cursor)]
    assert pages[-1].done
    return {ticket.id for page in pages for ticket in page.items}, pages[-1].cursor


async def test_changes_begin_at_the_newest_transaction(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    seen, cursor = await changes(server, None)
    assert seen == set()
    assert cursor == f"transaction:101@{(START + timedelta(minutes=101)).isoformat()}"
    server.add_ticket(2)
    # The one before comes again: it is recent enough for another to have been committed behind it.
    assert (await changes(server, cursor))[0] == {"1", "2"}


async def test_changes_behind_a_wall_of_hidden_rows_are_seen(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    _, cursor = await changes(server, None)
    for _ in range(350):
        server.add_row(99, "EmailRecord", hidden=True)
    server.add_ticket(2)
    seen, after = await changes(server, cursor)
    assert "2" in seen
    assert after is not None
    assert Cursor.parse(after).transaction == server.rows[-1].id


async def test_newest_rows_that_are_hidden_do_not_hide_the_ones_before(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    _, cursor = await changes(server, None)
    server.add_ticket(2)
    for _ in range(150):
        server.add_row(99, "EmailRecord", hidden=True)
    assert "2" in (await changes(server, cursor))[0]


async def test_a_transaction_committed_late_is_not_missed(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    server.add_ticket(2)
    newest = server.add_row(1, "Comment", text="x", id=200)
    _, cursor = await changes(server, None)
    server.add_row(2, "Comment", text="late", id=199, at=newest.at - timedelta(seconds=1))
    assert "2" in (await changes(server, cursor))[0]


async def test_every_page_moves_the_cursor_or_is_the_last(server: FakeRequestTracker) -> None:
    for number in range(1, 301):
        server.add_ticket(number)
    for row in server.rows:
        row.at = START  # all at one moment: the overlap reaches far back
    cursor = str(Cursor(250, START))
    pages = [page async for page in server.desk().changes("", cursor)]
    cursors = [page.cursor for page in pages if not page.done]
    assert all(Cursor.parse(place).transaction > 250 for place in cursors if place)
    assert len(set(cursors)) == len(cursors)
    assert {int(ticket.id) for page in pages for ticket in page.items} >= set(range(150, 301))


async def test_a_log_that_is_shorter_than_the_cursor_ends_quietly(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    cursor = str(Cursor(9999, datetime(2026, 3, 1, tzinfo=UTC)))
    assert await changes(server, cursor) == (set(), cursor)


async def test_merged_and_deleted_tickets_come_back_closed(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    _, cursor = await changes(server, None)
    server.add_ticket(2, into=1)
    server.add_ticket(3, status="deleted")
    pages = [page async for page in server.desk().changes("", cursor)]
    found = {ticket.id: (ticket.status, ticket.open) for page in pages for ticket in page.items}
    assert found["2"] == ("merged into #1", False)
    assert found["3"] == ("deleted", False)


async def test_an_empty_server_has_no_cursor_yet(server: FakeRequestTracker) -> None:
    assert await changes(server, None) == (set(), None)
    assert len([r for r in server.asked if r.url.path.endswith("transactions")]) == BLANK_PAGES


async def test_a_cursor_of_another_helpdesk_is_one_clear_line(server: FakeRequestTracker) -> None:
    with pytest.raises(HelpdeskFailed, match="cursor"):
        await changes(server, "at:abc")


# --- queues --------------------------------------------------------------------------------------


async def test_the_queue_that_says_escalations_is_the_default(server: FakeRequestTracker) -> None:
    server.add_ticket(1)
    assert [ticket.id for ticket in await everything(server.desk().queue(""))] == ["1"]
    asked = next(r for r in server.asked if r.url.path.endswith("/tickets"))
    assert asked.url.params["query"] == "(Queue = 'L3 Escalations' AND Status = '__Active__') AND id > 0"


@pytest.mark.parametrize(
    "sql", ["Queue = 'Suport'", 'queue="Suport" AND id > 1', "Status = 'new' AND Queue = Suport"]
)
async def test_a_queue_that_does_not_exist_is_not_an_empty_one(server: FakeRequestTracker, sql: str) -> None:
    with pytest.raises(NotFound, match="Did you mean 'Support'"):
        await everything(server.desk().queue(sql))


@pytest.mark.parametrize("value", ["1970-01-01T00:00:00Z", "", None])
def test_a_date_that_is_not_set_is_none(value: str | None) -> None:
    assert moment(value) is None


def test_names_are_quoted_for_ticketsql() -> None:
    assert quoted(r"O'Neill \ Sons") == r"'O\'Neill \\ Sons'"


def test_a_token_that_does_not_name_its_user_needs_an_account() -> None:
    profile = Profile(name="p", helpdesk="request_tracker", url="https://rt.test", folder=Path(), database="")
    with pytest.raises(Invalid, match="whose it is") as caught:
        open_helpdesk(profile, Secret("something-else"))
    assert "something-else" not in str(caught.value)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<style>x{}</style><script>alert(1)</script>words", "words"),
        ("a&nbsp;&lt;b&gt;", "a <b>"),
        ("<div>unclosed <b>tag", "unclosed tag"),
        ("", ""),
    ],
)
def test_html_becomes_words(html: str, words: str) -> None:
    assert words_of(html) == words


JUNK: tuple[Any, ...] = (
    None, [], {}, "", "x", -1, True, [None], [1], 1.5, {"items": 5}, {"items": [1, {"id": {}}]}
)  # fmt: skip
KEYS = (
    "id", "Created", "Creator", "Type", "items", "Owner", "Requestor", "CustomFields", "Queue", "Members",
    "EffectiveId", "LastUpdated", "Name", "TransactionId", "Content", "OldValue",
)  # fmt: skip


async def test_mangled_answers_never_end_in_a_traceback(server: FakeRequestTracker) -> None:
    seed = random.randrange(2**32)
    die = random.Random(seed)
    server.add_ticket(1)
    server.add_row(1, "Set", field="Owner", old="6", new="47")
    server.add_row(1, "Set", field="Queue", old="3", new="4")
    server.add_row(1, "Comment", text="words")
    desk = server.desk()

    def mangle(request: httpx.Request) -> httpx.Response | None:
        if die.random() > 0.15:
            return None
        body = {die.choice(KEYS): die.choice(JUNK) for _ in range(3)}
        return httpx.Response(200, json=die.choice([body, {"items": [body]}, die.choice(JUNK)]))

    server.before = mangle
    for _ in range(300):
        try:
            await everything(desk.queue("id > 0"))
            await everything(desk.timeline(await desk.ticket("1")))
        except TriageError:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
