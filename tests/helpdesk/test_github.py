from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_github import INSIDE, START, FakeGitHub
from tests.helpdesk.writing import everything, operation, send
from triage.helpdesk.github.reading import key_in, marker
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused
from triage.model.operation import Conflict, Landed, Note, NotSent, Rejected, Step, Throttled, Unknown

INTERNAL = Note("[esc:X v1] words", "internal")


@pytest.fixture
def server() -> FakeGitHub:
    made = FakeGitHub()
    made.add_issue(1)
    return made


async def planned(
    server: FakeGitHub, profile: dict[str, Any] | None = None, **change: Any
) -> tuple[Step, ...]:
    desk = server.desk(**(INSIDE if profile is None else profile))
    return tuple(desk.plan(operation("1", **change), await desk.ticket("1")))


# --- reading -------------------------------------------------------------------------------------


async def test_an_issue_is_read_with_its_labels(server: FakeGitHub) -> None:
    server.add_issue(2, state="closed", reason="not_planned", assignees=["noor"])
    ticket, closed = await server.desk().ticket("1"), await server.desk().ticket("2")
    assert (ticket.key, ticket.priority, ticket.tags) == ("#1", "high", ("escalated", "priority: high"))
    assert (ticket.open, ticket.requester) == (True, "ilse")
    assert (closed.status, closed.open, closed.assignee) == ("not_planned", False, "noor")


async def test_everything_said_is_public_unless_the_repository_counts_as_internal(server: FakeGitHub) -> None:
    server.add_comment(1, "any news?", "ilse")
    server.add_comment(1, "looking\r\nnow")
    for private, profile, seen in (
        (True, {}, "public"),
        (True, INSIDE, "internal"),
        (False, INSIDE, "public"),
    ):
        server.private = private
        desk = server.desk(**profile)
        events = await everything(desk.timeline(await desk.ticket("1")))
        assert {event.visibility for event in events} == {seen}
    assert [(e.actor_role, e.text) for e in events] == [
        ("customer", "It is broken."), ("customer", "any news?"), ("engineering", "looking\nnow"),
    ]  # fmt: skip


async def test_events_have_names_and_long_timelines_are_read_whole(server: FakeGitHub) -> None:
    for place in range(120):
        server.add_comment(1, f"word {place}")
    server.add_event(1, "labeled", label={"name": "escalated"})
    server.add_event(1, "unlabeled", label={"name": "bug"})
    server.add_event(1, "assigned", assignee={"login": "noor"})
    server.add_event(1, "closed", "stale[bot]", state_reason="not_planned")
    server.add_event(1, "reopened")
    server.add_event(1, "renamed", rename={"from": "a", "to": "b"})
    server.add_event(1, "subscribed")
    desk = server.desk()
    events = await everything(desk.timeline(await desk.ticket("1")))
    assert len([event for event in events if event.kind == "message"]) == 121
    assert [(e.kind, e.field, e.old, e.new, e.actor_role) for e in events if e.kind != "message"] == [
        ("escalation", "tags", "", "escalated", "engineering"),
        ("change", "tags", "bug", "", "engineering"),
        ("change", "assignee", "", "noor", "engineering"),
        ("change", "status", "open", "not_planned", "helpdesk"),
        ("change", "status", "closed", "open", "engineering"),
        ("change", "subject", "a", "b", "engineering"),
    ]


async def test_pull_requests_are_no_issues_but_count_in_pages(server: FakeGitHub) -> None:
    for number in range(2, 251):
        server.add_issue(number, pull_request=number % 2 == 0)
    tickets = await everything(server.desk().queue("labels=escalated"))
    assert sorted(int(ticket.id) for ticket in tickets) == list(range(1, 251, 2))


async def test_an_issue_hidden_by_another_that_left_the_list_is_found_again(server: FakeGitHub) -> None:
    for number in range(2, 251):
        server.add_issue(number)
    pages = 0

    def close_some(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path.endswith("/issues")
        if pages == 2:
            for number in range(1, 40):
                server.issues[number].state = "closed"

    server.before = close_some
    tickets = await everything(server.desk().queue(""))
    assert sorted(int(ticket.id) for ticket in tickets) == list(range(1, 251))


async def test_a_list_that_repeats_is_stopped(server: FakeGitHub) -> None:
    rows = [server.record(server.issues[1])] * 100
    server.before = lambda r: httpx.Response(200, json=rows) if r.url.path.endswith("/issues") else None
    with pytest.raises(HelpdeskFailed, match="same page"):
        await everything(server.desk().queue(""))
    with pytest.raises(HelpdeskFailed, match="same page"):
        await everything(server.desk().changes("", "updated:2026-03-01T08:00:00+00:00"))


async def test_queues_and_settings_that_are_none_are_said_to_be(server: FakeGitHub) -> None:
    choices = await server.desk().queue_choices()
    assert [(c.selector, c.escalated) for c in choices] == [("labels=escalated", True), ("labels=bug", False)]
    with pytest.raises(Invalid):
        await everything(server.desk().queue("per_page=5"))
    for url in ("https://api.github.com", "https://github.com/acme/desk"):
        with pytest.raises(Invalid, match="repository"):
            server.desk(url=url)
    with pytest.raises(NotFound):
        await server.desk().ticket("99")
    with pytest.raises(Refused):
        await server.desk().attachment("1", io.BytesIO(), 1)


async def changed(server: FakeGitHub, cursor: str | None) -> tuple[set[int], str]:
    pages = [page async for page in server.desk().changes("", cursor)]
    return {int(ticket.id) for page in pages for ticket in page.items}, str(pages[-1].cursor)


async def test_changes_overlap_and_are_read_on_from_the_last_time_seen(server: FakeGitHub) -> None:
    seen, cursor = await changed(server, None)
    assert seen == set()
    for number in range(2, 302):
        server.add_issue(number, updated=server.now + timedelta(seconds=number), state="closed", labels=[])
    server.add_issue(400, updated=server.now - timedelta(seconds=30))
    server.add_issue(401, updated=server.now + timedelta(seconds=9), pull_request=True)
    pages = 0

    def touch(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path.endswith("/issues")
        if pages == 2:
            for number in range(2, 60):
                server.issues[number].updated = server.now + timedelta(hours=1, seconds=number)

    server.before = touch
    seen, cursor = await changed(server, cursor)
    assert seen == {*range(2, 302), 400}
    assert cursor == f"updated:{(server.now + timedelta(hours=1, seconds=59)).isoformat()}"


# --- never public --------------------------------------------------------------------------------


async def test_an_internal_note_is_refused_unless_the_profile_says_private_is_enough(
    server: FakeGitHub,
) -> None:
    for profile in ({}, {"config": {"private_repository_is_internal": "yes"}}):
        assert not server.desk(**profile).capabilities.internal_note
        with pytest.raises(Refused, match="no internal notes"):
            await planned(server, profile, note=INTERNAL)
    assert server.desk(**INSIDE).capabilities.internal_note


async def test_an_internal_note_never_leaves_for_a_public_repository(server: FakeGitHub) -> None:
    desk = server.desk(**INSIDE)
    (step,) = await planned(server, note=INTERNAL)
    assert isinstance((await send(desk, step, "1"))[1], Landed)
    server.private = False
    _, outcome = await send(desk, step, "1")
    assert isinstance(outcome, Rejected)
    assert "public" in outcome.errors[0]
    assert len(server.sent()) == 1


async def test_a_repository_that_was_opened_meanwhile_raises_the_alarm(server: FakeGitHub) -> None:
    (step,) = await planned(server, note=INTERNAL)
    step, _ = await send(server.desk(**INSIDE), step, "1")
    assert await server.desk(**INSIDE).verify(step, "1") == []
    server.private = False
    (said,) = await server.desk(**INSIDE).verify(step, "1")
    assert said.startswith("PUBLIC:")


async def test_a_reply_where_no_customer_reads_is_refused(server: FakeGitHub) -> None:
    with pytest.raises(Refused, match="no customer"):
        await planned(server, note=Note("mended", "public"))
    steps = await planned(server, {}, note=Note("mended", "public"), status="closed")
    assert {step.visibility for step in steps} == {"public"}


async def test_the_account_says_what_it_lacks(server: FakeGitHub) -> None:
    account = await server.desk(**INSIDE).whoami()
    assert (account.id, account.name, account.may_write_internal, account.trouble) == (
        "5",
        "triage-bot",
        True,
        (),
    )
    server.private = server.may_push = False
    account = await server.desk(**INSIDE).whoami()
    assert not account.may_write_internal
    assert ["dropped silently" in account.trouble[0], "public" in account.trouble[1]] == [True, True]


@pytest.mark.parametrize(
    ("private", "scopes", "missing"),
    [
        (True, "repo, read:org", ""),
        (True, "read:org, gist", "repo"),
        (True, "public_repo", "repo"),
        (False, "public_repo", ""),
        (False, "read:user", "public_repo"),
    ],
)
async def test_a_classic_token_without_the_scope_to_write_is_named(
    server: FakeGitHub, private: bool, scopes: str, missing: str
) -> None:
    server.private, server.scopes = private, scopes
    account = await server.desk(**INSIDE).whoami()
    assert account.may_write_internal is (private and not missing)
    assert [f"the scope {missing};" in one for one in account.trouble[:1] if "scope" in one] == [True] * bool(
        missing
    )
    assert account.unseen == ()


@pytest.mark.parametrize("scopes", [None, ""])
async def test_of_a_token_that_tells_no_scopes_it_is_said_that_only_a_write_shows(
    server: FakeGitHub, scopes: str | None
) -> None:
    server.scopes = scopes
    account = await server.desk(**INSIDE).whoami()
    assert (account.may_write_internal, account.trouble) == (True, ())
    assert ["Issues: Read and write" in note for note in account.unseen] == [True]
    assert server.sent() == []


# --- writing -------------------------------------------------------------------------------------


async def test_labels_state_and_assignee_go_in_one_request_then_the_note(server: FakeGitHub) -> None:
    steps = await planned(
        server, note=INTERNAL, tags_add=("esc-bug",), tags_remove=("escalated",), status="not_planned",
        assignee="me", fields={"esc_verdict": "bug"},
    )  # fmt: skip
    assert steps[0].payload["left_out"] == ["esc_verdict"]
    for step in steps:
        sent, outcome = await send(server.desk(**INSIDE), step, "1")
        assert isinstance(outcome, Landed)
        assert await server.desk(**INSIDE).verify(sent, "1") == []
    patch, post = server.sent()
    assert json.loads(patch.content) == {
        "labels": ["priority: high", "esc-bug"], "state": "closed", "state_reason": "not_planned",
        "assignees": ["triage-bot"],
    }  # fmt: skip
    assert json.loads(post.content) == {"body": "[esc:X v1] words\n\n<!-- esc-op:0197bbbb-2 -->"}


async def test_writes_keep_a_second_apart(server: FakeGitHub) -> None:
    desk = server.desk(**INSIDE)
    (step,) = await planned(server, note=INTERNAL)
    await send(desk, step, "1")
    assert server.paused == []
    await send(desk, step, "1")
    assert server.paused == [1.0]


async def test_what_github_drops_silently_is_found_by_reading_back(server: FakeGitHub) -> None:
    (step,) = await planned(server, tags_add=("esc-bug",), status="closed")
    server.may_push = False
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    assert await server.desk().verify(step, "1") == [
        "the tag esc-bug is not there", "the status is open, not closed",
    ]  # fmt: skip
    with pytest.raises(Refused, match="cannot become"):
        await planned(server, status="waiting")


async def test_an_issue_that_moved_on_is_a_conflict(server: FakeGitHub) -> None:
    (step,) = await planned(server, tags_add=("x",))
    server.add_comment(1, "meanwhile")
    assert isinstance((await send(server.desk(), step, "1"))[1], Conflict)
    assert server.sent() == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (403, {"Retry-After": "17"}, {"message": "x"}, 17),
        (
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START.timestamp()) + 86_430)},
            {},
            31,
        ),
        (403, {}, {"message": "You have exceeded a secondary rate limit"}, 60),
        (429, {}, {}, 60),
    ],
)
async def test_all_ways_to_say_too_many_mean_wait(
    server: FakeGitHub, status: int, headers: dict[str, str], body: Any, seconds: int
) -> None:
    (step,) = await planned(server, note=INTERNAL)
    dated = {"Date": f"{server.now:%a, %d %b %Y %H:%M:%S GMT}", **headers}
    server.before = lambda r: httpx.Response(status, headers=dated, json=body) if r.method == "POST" else None
    _, outcome = await send(server.desk(**INSIDE), step, "1")
    assert isinstance(outcome, Throttled)
    assert abs(outcome.retry_after_s - seconds) <= 1


async def test_a_plain_403_is_a_missing_right(server: FakeGitHub) -> None:
    (step,) = await planned(server, note=INTERNAL)
    body = {"message": "Resource not accessible by personal access token"}
    server.before = lambda r: httpx.Response(403, json=body) if r.method == "POST" else None
    _, outcome = await send(server.desk(**INSIDE), step, "1")
    assert isinstance(outcome, Rejected)
    assert outcome.errors == ("Resource not accessible by personal access token",)


# --- unknown outcomes ----------------------------------------------------------------------------


async def test_a_lost_answer_is_found_again_behind_many_comments(server: FakeGitHub) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.after = lambda r: httpx.Response(502) if r.method == "POST" else None
    for _ in range(120):
        server.add_comment(1, "before", at=server.now + timedelta(days=365))
    step, outcome = await send(server.desk(**INSIDE), step, "1")
    assert isinstance(outcome, Unknown)
    ours = [row for row in server.issues[1].comments if row["user"]["login"] == "triage-bot"]
    assert len(ours) == 1
    found = await server.desk().probe(step, "1")
    assert (found.verdict, found.receipt) == ("found", f"comment {ours[0]['id']}")


async def test_a_request_that_was_dropped_is_absent(server: FakeGitHub) -> None:
    for change in ({"note": INTERNAL}, {"status": "closed"}, {"assignee": "noor"}):
        (step,) = await planned(server, **change)
        server.before = lambda r: httpx.Response(502) if r.method != "GET" else None
        step, outcome = await send(server.desk(**INSIDE), step, "1")
        assert isinstance(outcome, Unknown)
        assert (await server.desk().probe(step, "1")).verdict == "absent"
    (step,) = await planned(server, note=INTERNAL)
    server.add_comment(1, str(step.payload["note"]), "noor")
    server.add_comment(1, marker(step.key + "2"), "triage-bot")
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    server.before = lambda r: httpx.Response(503)
    assert (await server.desk().probe(step, "1")).verdict == "cannot_tell"
    assert isinstance((await send(server.desk(**INSIDE), step, "1"))[1], NotSent)


def test_a_marker_is_read_whole() -> None:
    assert key_in(f"words\n\n{marker('0197-1')}") == "0197-1"
    assert key_in("words") == ""
