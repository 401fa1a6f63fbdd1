from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_jira import START, FakeJira
from tests.helpdesk.writing import everything, operation, send
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.jira.adapter import Jira, open_helpdesk
from triage.helpdesk.jira.document import document, plain
from triage.model.errors import HelpdeskFailed, Invalid, NotFound
from triage.model.operation import Conflict, Landed, Note, NotSent, Rejected, Step, Unknown

INTERNAL = Note("[esc:X v1] words", "internal")


@pytest.fixture(params=[True, False], ids=["cloud", "data center"])
def server(request: pytest.FixtureRequest) -> FakeJira:
    made = FakeJira(cloud=request.param)
    made.add_issue(1)
    return made


async def planned(server: FakeJira, **change: Any) -> tuple[Step, ...]:
    desk = server.desk()
    return tuple(desk.plan(operation("1", **change), await desk.ticket("1")))


# --- reading -------------------------------------------------------------------------------------


async def test_an_issue_is_read_with_the_custom_fields_that_have_a_word(server: FakeJira) -> None:
    ticket = await server.desk().ticket("1")
    assert (ticket.key, ticket.customer, ticket.component, ticket.priority, ticket.type) == (
        "ESC-1", "Orla", "gateway", "normal", "incident",
    )  # fmt: skip
    assert (ticket.tags, ticket.open, ticket.requester) == (("vip",), True, "Ilse Berg")
    assert "Moon phase" not in ticket.fields
    assert ticket.url == f"{server.host}/browse/ESC-1"


async def test_comments_and_changes_stand_in_order_with_who_sees_them(server: FakeJira) -> None:
    server.page_size = 2
    for place in range(5):
        at = START + timedelta(hours=1 + place)
        server.add_comment(1, f"word {place}", public=place % 2 == 0, at=at)
    items = [{"field": "labels", "fieldId": "labels", "fromString": "vip", "toString": "vip escalated"},
             {"field": "esc_verdict", "fieldId": "customfield_2", "fromString": None,
              "toString": "bug"}]  # fmt: skip
    for place in range(3):
        server.issues[1].histories.append(
            {"id": str(70 + place), "author": server.user("u-app"), "items": items if place == 2 else [],
             "created": "2026-03-01T09:30:00.000+0000"}
        )  # fmt: skip
    desk = server.desk()
    events = await everything(desk.timeline(await desk.ticket("1")))
    assert [(e.kind, e.visibility, e.text) for e in events][:3] == [
        ("message", "public", "It is broken."),
        ("message", "public", "word 0"),
        ("escalation", "internal", "tags: vip → vip escalated"),
    ]
    assert [e.visibility for e in events if e.kind == "message"][1:] == [
        "public", "internal", "public", "internal", "public",
    ]  # fmt: skip
    assert (events[0].actor_role, events[1].actor_role) == ("customer", "support_frontline")
    assert [e.field for e in events if e.kind == "change"] == ["esc_verdict"]
    assert len({event.id for event in events}) == len(events)


async def test_a_document_becomes_text_and_back() -> None:
    words = "one\ntwo\n\nthree\n\nref:esc-k"
    assert plain(document(words)) == words
    nodes = {"type": "doc", "content": [
        {"type": "bulletList", "content": [
            {"type": "listItem", "content": [{"type": "paragraph", "content": [
                {"type": "mention", "attrs": {"text": "@noor"}}, {"type": "text", "text": " look"}]}]}]},
        {"type": "codeBlock", "content": [{"type": "text", "text": "x = 1"}]},
    ]}  # fmt: skip
    assert plain(nodes).split() == ["@noor", "look", "x", "=", "1"]
    assert plain(None) == ""


async def test_an_attachment_is_fetched_from_the_cloud() -> None:
    server = FakeJira()
    server.add_issue(1)
    desk = server.desk()
    (opening, *_) = await everything(desk.timeline(await desk.ticket("1")))
    assert [one.ref for one in opening.attachments] == ["31"]
    assert await desk.attachment("31", io.BytesIO(), 100) == 20
    with pytest.raises(HelpdeskFailed):
        await desk.attachment("../31", io.BytesIO(), 100)


# --- lists ---------------------------------------------------------------------------------------


async def test_a_long_queue_is_read_whole_in_pages_of_any_size(server: FakeJira) -> None:
    server.page_size = 30
    for number in range(2, 101):
        server.add_issue(number, status="Done" if number % 5 == 0 else "Open")
    tickets = await everything(server.desk().queue("project = ESC AND statusCategory != Done ORDER BY rank"))
    assert [int(t.id) for t in tickets] == [n for n in range(1, 101) if n % 5]


async def test_rows_that_move_in_a_data_center_are_not_missed() -> None:
    server = FakeJira(cloud=False)
    for number in range(1, 251):
        server.add_issue(number)
    pages = 0

    def close_some(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path.endswith("/search")
        if pages == 2:
            for number in range(1, 60):
                server.issues[number].status = "Done"

    server.before = close_some
    tickets = await everything(server.desk().queue("statusCategory != Done"))
    assert sorted(int(t.id) for t in tickets) == list(range(1, 251))


async def test_a_token_that_does_not_move_is_stopped() -> None:
    server = FakeJira()
    answer = {"issues": [], "isLast": False, "nextPageToken": "again"}
    server.before = lambda r: httpx.Response(200, json=answer) if "search" in r.url.path else None
    with pytest.raises(HelpdeskFailed, match="same page"):
        await everything(server.desk().queue("project = ESC"))


async def test_what_is_no_jql_is_said_in_the_words_of_jira(server: FakeJira) -> None:
    with pytest.raises(Invalid, match="Error in the JQL Query"):
        await everything(server.desk().queue("nonsense"))
    with pytest.raises(Invalid, match="order alone"):
        await everything(server.desk().queue("ORDER BY created"))


async def test_queues_of_the_service_desk_are_offered_as_bounded_jql(server: FakeJira) -> None:
    choices = await server.desk().queue_choices()
    assert [(choice.selector, choice.title, choice.escalated) for choice in choices] == [
        ("project = ESC AND (labels = escalated)", "ESC: Escalated", True),
        ("project = ESC AND resolution = Unresolved", "ESC: All open", False),
    ]
    assert [t.id for t in await everything(server.desk().queue(""))] == ["1"]
    server.before = lambda r: httpx.Response(404) if "servicedeskapi" in r.url.path else None
    assert await server.desk().queue_choices() == []
    with pytest.raises(NotFound):
        await everything(server.desk().queue(""))


async def changed(server: FakeJira, cursor: str | None) -> tuple[set[str], str]:
    desk = server.desk()
    await desk.whoami()
    pages = [page async for page in desk.changes("", cursor)]
    return {ticket.id for page in pages for ticket in page.items}, str(pages[-1].cursor)


async def test_changes_are_asked_for_by_age_with_an_overlap_for_the_late_index(server: FakeJira) -> None:
    seen, cursor = await changed(server, None)
    assert seen == set()
    assert cursor.startswith(f"updated:{server.now:%Y-%m-%dT%H:%M}")
    server.now += timedelta(minutes=30)
    server.add_issue(2, updated=server.now - timedelta(minutes=1), status="Done")
    # Updated before the cursor, but not in the index then.
    server.add_issue(3, updated=server.now - timedelta(minutes=33))
    server.add_issue(4, updated=server.now - timedelta(hours=5))
    seen, cursor = await changed(server, cursor)
    assert seen == {"2", "3"}
    assert cursor == f"updated:{server.issues[2].updated.isoformat()}"


async def test_the_account_says_what_it_lacks(server: FakeJira) -> None:
    account = await server.desk().whoami()
    assert (account.id, account.name, account.may_write_internal) == ("u-bot", "Triage Bot", True)
    assert account.trouble == ("fields and labels cannot be changed; have Edit Issues granted",)


def test_an_api_token_needs_its_account() -> None:
    with pytest.raises(Invalid, match="account"):
        FakeJira().desk(account="", auth="api_token")


# --- writing -------------------------------------------------------------------------------------


async def test_fields_go_first_then_the_status_then_the_note(server: FakeJira) -> None:
    steps = await planned(
        server,
        note=INTERNAL,
        fields={"esc_verdict": "bug", "esc_problem": "a\nb", "priority": "High", "nope": 1},
        tags_add=("esc-bug",),
        tags_remove=("vip",),
        status="Waiting",
        assignee="me",
    )
    assert [(step.kind, step.key[-2:], step.base is not None) for step in steps] == [
        ("fields", "-1", True), ("status", "-2", False), ("note", "-3", False),
    ]  # fmt: skip
    assert steps[0].payload["left_out"] == ["nope"]
    for step in steps:
        sent, outcome = await send(server.desk(), step, "1")
        assert isinstance(outcome, Landed)
        assert await server.desk().verify(sent, "1") == []
    body = json.loads(server.sent("PUT")[0].content)
    long = document("a\nb") if server.cloud else "a\nb"
    assert body == {
        "fields": {
            "customfield_2": {"value": "bug"},
            "customfield_3": long,
            "priority": {"name": "High"},
            "assignee": {"accountId" if server.cloud else "name": "u-bot"},
        },
        "update": {"labels": [{"add": "esc-bug"}, {"remove": "vip"}]},
    }
    assert (server.issues[1].status, server.issues[1].labels) == ("Waiting", ["esc-bug"])


async def test_an_internal_note_says_so_and_carries_our_key_in_the_same_request(server: FakeJira) -> None:
    (step,) = await planned(server, note=INTERNAL)
    step, outcome = await send(server.desk(), step, "1")
    (post,) = server.sent("POST")
    assert json.loads(post.content)["properties"] == [
        {"key": "esc.op", "value": {"id": "0197bbbb-3"}},
        {"key": "sd.public.comment", "value": {"internal": True}},
    ]
    (comment,) = server.issues[1].comments
    assert not comment.public
    assert isinstance(outcome, Landed)
    assert outcome.receipt == f"comment {comment.id}"
    assert await server.desk().verify(step, "1") == []


async def test_a_project_without_internal_comments_gets_no_internal_note(server: FakeJira) -> None:
    server.project_type = "software"
    (step,) = await planned(server, note=INTERNAL)
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert "no internal comments" in outcome.errors[0]
    assert server.sent("POST") == []
    (reply,) = await planned(server, note=Note("mended", "public"))
    assert isinstance((await send(server.desk(), reply, "1"))[1], Landed)


async def test_a_comment_that_became_public_all_the_same_raises_the_alarm(server: FakeJira) -> None:
    server.honours_internal = False
    (step,) = await planned(server, note=INTERNAL)
    step, _ = await send(server.desk(), step, "1")
    (said,) = await server.desk().verify(step, "1")
    assert said.startswith("PUBLIC:")


async def test_a_public_reply_is_public_and_its_plan_is_public_throughout(server: FakeJira) -> None:
    steps = await planned(server, note=Note("mended", "public"), status="Done")
    assert {step.visibility for step in steps} == {"public"}
    step, _ = await send(server.desk(), steps[-1], "1")
    assert server.issues[1].comments[0].public
    assert await server.desk().verify(step, "1") == []


@pytest.mark.parametrize("keeps", [True, False], ids=["property", "text"])
async def test_a_lost_answer_is_found_again_by_property_or_text(server: FakeJira, keeps: bool) -> None:
    server.keeps_property = keeps
    (step,) = await planned(server, note=INTERNAL)
    server.after = lambda r: httpx.Response(504) if r.method == "POST" else None
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Unknown)
    (comment,) = server.issues[1].comments
    if keeps:
        comment.body = "edited by somebody"
    server.page_size = 2
    for _ in range(5):
        server.add_comment(1, "later", at=comment.at + timedelta(minutes=1))
    found = await server.desk().probe(step, "1")
    assert (found.verdict, found.receipt) == ("found", f"comment {comment.id}")
    assert len([one for one in server.issues[1].comments if one.author == "u-bot"]) == 1
    assert not [r for r in server.asked if "search" in r.url.path]


async def test_a_request_that_was_dropped_is_absent(server: FakeJira) -> None:
    for change in ({"note": INTERNAL}, {"status": "Done"}, {"tags_add": ("x",)}):
        (step,) = await planned(server, **change)
        server.before = lambda r: httpx.Response(503) if r.method in ("POST", "PUT") else None
        step, outcome = await send(server.desk(), step, "1")
        assert isinstance(outcome, Unknown)
        assert (await server.desk().probe(step, "1")).verdict == "absent"
    server.add_comment(1, "words\n\nref:esc-0197bbbb-3", "u-noor")
    (step,) = await planned(server, note=INTERNAL)
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    server.before = lambda r: httpx.Response(503)
    assert (await server.desk().probe(step, "1")).verdict == "cannot_tell"


async def test_an_issue_that_moved_on_is_a_conflict(server: FakeJira) -> None:
    fields, status = (await planned(server, tags_add=("x",)))[0], (await planned(server, status="Done"))[0]
    server.add_comment(1, "meanwhile")
    for step in (fields, status):
        assert isinstance((await send(server.desk(), step, "1"))[1], Conflict)
    assert server.sent("PUT") + server.sent("POST") == []


async def test_another_update_under_way_is_a_conflict(server: FakeJira) -> None:
    (step,) = await planned(server, tags_add=("x",))
    server.before = lambda r: httpx.Response(409) if r.method == "PUT" else None
    assert isinstance((await send(server.desk(), step, "1"))[1], Conflict)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "Frozen"}, "no transition leads to Frozen"),
        ({"assignee": "Stranger"}, "nobody called Stranger"),
        ({"tags_add": ("two words",)}, "space"),
    ],
)
async def test_what_cannot_be_is_refused_before(server: FakeJira, change: dict[str, Any], words: str) -> None:
    (step,) = await planned(server, **change)
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert words in outcome.errors[0]


async def test_the_fields_that_jira_refuses_are_named(server: FakeJira) -> None:
    (step,) = await planned(server, fields={"priority": "High"})
    body = {"errorMessages": [], "errors": {"priority": "not on the screen"}}
    server.before = lambda r: httpx.Response(400, json=body) if r.method == "PUT" else None
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert outcome.errors == ("priority: not on the screen",)


async def test_a_site_that_cannot_be_read_is_not_written_to(server: FakeJira) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(500)
    assert isinstance((await send(server.desk(), step, "1"))[1], NotSent)
    server.before = lambda r: None
    with pytest.raises(NotFound):
        await server.desk().ticket("99")


# --- a token from OAuth -------------------------------------------------------------------------------------

SITE = "11223344-a1b2-c3d4-e5f6-112233445566"


def through_the_gateway(server: FakeJira, scopes: list[str]) -> Jira:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token/accessible-resources":
            return httpx.Response(200, json=[
                {"id": "another", "name": "elsewhere", "scopes": ["read:jira-work", "write:jira-work"]},
                {"id": SITE, "name": "acme", "url": "https://acme.atlassian.net", "scopes": scopes},
            ])  # fmt: skip
        if request.url.path.endswith("/myself") and not {"read:jira-user", "read:issue:jira"} & set(scopes):
            return httpx.Response(401, json={"code": 401, "message": "Unauthorized; scope does not match"})
        if "read:jira-work" not in scopes and request.url.path.endswith("/mypermissions"):
            return httpx.Response(401 if not scopes else 403, json={"message": "scope does not match"})
        path = request.url.path.removeprefix(f"/ex/jira/{SITE}")
        headers = {**request.headers, "authorization": "Basic x"}
        asked = httpx.Request(request.method, request.url.copy_with(path=path), headers=headers)
        return server._handle(asked)

    profile = Profile(
        "gateway", "jira", f"https://api.atlassian.com/ex/jira/{SITE}", Path(), "", auth="bearer"
    )
    return open_helpdesk(profile, Secret("t0ken"), transport=httpx.MockTransport(answer))


async def test_scopes_that_a_token_lacks_are_named_with_what_does_not_work_without_them() -> None:
    server = FakeJira(cloud=True)
    account = await through_the_gateway(server, ["read:jira-work", "read:jira-user"]).whoami()
    assert not account.may_write_internal
    assert [one.split("; ")[0] for one in account.trouble if "scope" in one] == [
        "nothing can be written: the token lacks the scope write:jira-work",
        "the queues of the service desk cannot be listed: the token lacks the scope read:servicedesk-request",
    ]
    with pytest.raises(
        HelpdeskFailed, match="nobody can be looked up: the token lacks the scope read:jira-user"
    ):
        await through_the_gateway(server, ["read:jira-work"]).whoami()
    lost = await through_the_gateway(server, ["write:jira-work", "read:jira-user"]).whoami()
    assert lost.trouble[0].startswith("issues cannot be read: the token lacks the scope read:jira-work")


@pytest.mark.parametrize(
    "scopes",
    [
        ["read:jira-work", "read:jira-user", "write:jira-work", "read:servicedesk-request"],
        ["read:jira-work", "read:issue:jira", "write:comment:jira"],
    ],
)
async def test_a_token_with_all_it_needs_has_no_trouble(scopes: list[str]) -> None:
    account = await through_the_gateway(FakeJira(cloud=True), scopes).whoami()
    assert not [one for one in account.trouble if "scope" in one]
    assert account.may_write_internal


async def test_changes_read_again_give_no_empty_pages(server: FakeJira) -> None:
    """Who reads them gives up after a hundred in a row."""
    server.page_size = 20
    _, cursor = await changed(server, None)
    for number in range(500, 600):
        server.add_issue(number, updated=server.now)
    desk = server.desk()
    await desk.whoami()
    pages = [page async for page in desk.changes("", cursor)]
    assert len([page for page in pages if page.items]) >= 5
    assert len([page for page in pages if not page.items and not page.done]) <= 1
