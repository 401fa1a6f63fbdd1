from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.helpdesk.scripted_zendesk import ME, ScriptedZendesk, audit, ticket
from tests.helpdesk.writing import SENT_AT, operation, send
from triage.model.errors import Refused
from triage.model.operation import Landed, Note, NotSent, Rejected, Step, Unknown

INTERNAL = Note("[esc:X v1] words", "internal")


def zendesk(**raw: Any) -> ScriptedZendesk:
    script = ScriptedZendesk()
    script.on("tickets/5.json", {"ticket": ticket(**raw), "audit": {"id": 77}})
    return script


async def sent(script: ScriptedZendesk, **change: Any) -> dict[str, Any]:
    """The body that one change makes."""
    desk = script.desk()
    (step,) = desk.plan(operation("5", **change), await desk.ticket("5"))
    await desk.apply(step, "5")
    (put,) = [request for request in script.asked if request.method == "PUT"]
    body: dict[str, Any] = json.loads(put.content)["ticket"]
    return body


async def test_an_internal_note_always_says_so() -> None:
    assert (await sent(zendesk(), note=INTERNAL))["comment"] == {"body": INTERNAL.body, "public": False}
    bundle = await sent(zendesk(), note=INTERNAL, status="hold", tags_add=("x",))
    assert bundle["comment"]["public"] is False


async def test_a_public_reply_says_so_and_does_not_cross_another_word() -> None:
    body = await sent(zendesk(), note=Note("It is mended.", "public"))
    assert body["comment"]["public"] is True
    assert body["safe_update"] is True


async def test_one_request_carries_everything_and_guards_it_by_the_version() -> None:
    body = await sent(
        zendesk(),
        note=INTERNAL,
        tags_add=("Esc Bug", "one"),
        fields={"esc_verdict": "bug", "priority": "high", "Severity": "sev 1"},
        status="hold",
        assignee="me",
    )
    assert body == {
        "metadata": {"op": "0197bbbb-1"},
        "comment": {"body": INTERNAL.body, "public": False},
        "tags": ["one", "esc_bug"],
        "priority": "high",
        "custom_fields": [{"id": 106, "value": "bug"}, {"id": 102, "value": "severity_one"}],
        "status": "hold",
        "assignee_id": ME,
        "safe_update": True,
        "updated_stamp": "2026-03-01T11:00:00Z",
    }


async def test_an_internal_note_alone_is_not_held_up_by_other_changes() -> None:
    assert "safe_update" not in await sent(zendesk(), note=INTERNAL)


async def test_tags_are_added_to_and_taken_from_what_is_there() -> None:
    raw = {"tags": ["vip", "slow", "eu"]}
    body = await sent(zendesk(**raw), tags_add=("esc-bug", "vip"), tags_remove=("slow", "absent"))
    assert body["tags"] == ["vip", "eu", "esc-bug"]


async def test_nothing_to_change_is_no_request() -> None:
    desk = zendesk().desk()
    current = await desk.ticket("5")
    assert desk.plan(operation("5", tags_add=("one",), fields={"no such field": 1}), current) == ()


async def test_fields_the_account_lacks_are_named() -> None:
    desk = zendesk().desk()
    (step,) = desk.plan(operation("5", note=INTERNAL, fields={"esc_code": "B2.3"}), await desk.ticket("5"))
    assert step.payload["left_out"] == ["esc_code"]
    assert step.kind == "note"


async def test_the_same_operation_makes_the_same_plan() -> None:
    desk = zendesk().desk()
    current = await desk.ticket("5")
    wanted = operation("5", note=INTERNAL, tags_add=("b", "a"), fields={"esc_verdict": "bug"})
    assert desk.plan(wanted, current) == desk.plan(wanted, current)


async def test_a_note_that_is_too_long_is_refused_before_anything_is_sent() -> None:
    desk = zendesk().desk()
    with pytest.raises(Refused, match="65,535"):
        desk.plan(operation("5", note=Note("x" * 65_536, "internal")), await desk.ticket("5"))


async def test_what_cannot_be_looked_up_keeps_the_write_at_home() -> None:
    script = zendesk()
    desk = script.desk()
    (step,) = desk.plan(operation("5", assignee="me"), await desk.ticket("5"))
    script.on("users/me.json", httpx.Response(500))
    assert isinstance(await desk.apply(step, "5"), NotSent)
    (step,) = desk.plan(operation("5", assignee="Nemo"), await desk.ticket("5"))
    assert isinstance(await desk.apply(step, "5"), Rejected)
    assert isinstance(await desk.apply(step, "../5"), Rejected)
    assert not [request for request in script.asked if request.method == "PUT"]


@pytest.mark.parametrize("answer", [b"<html>", b"", b"[]", b'{"ticket": 5}', b'{"ticket": {"id": 5'])
async def test_a_yes_that_cannot_be_read_leaves_the_outcome_unknown(answer: bytes) -> None:
    script = zendesk()
    desk = script.desk()
    (step,) = desk.plan(operation("5", note=INTERNAL), await desk.ticket("5"))
    script.on("tickets/5.json", httpx.Response(200, content=answer))
    assert isinstance((await send(desk, step, "5"))[1], Unknown)


async def test_the_receipt_is_the_audit() -> None:
    desk = zendesk().desk()
    (step,) = desk.plan(operation("5", note=INTERNAL), await desk.ticket("5"))
    _, outcome = await send(desk, step, "5")
    assert isinstance(outcome, Landed)
    assert (outcome.receipt, outcome.version and outcome.version.token) == (
        "audit 77",
        "2026-03-01T11:00:00Z",
    )


# --- looking for our own write -------------------------------------------------------------------

COMMENT = {"type": "Comment", "body": INTERNAL.body, "public": False}


async def planned(script: ScriptedZendesk, **change: Any) -> Step:
    desk = script.desk()
    (step,) = desk.plan(operation("5", **(change or {"note": INTERNAL})), await desk.ticket("5"))
    return replace(step, sent_at=SENT_AT)


def ours(number: int = 3, *events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    custom = {"metadata": {"custom": {"op": "0197bbbb-1"}}}
    return audit(number, *(events or (COMMENT,)), **(custom | changes))


def pages(*pages_of_audits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = len(pages_of_audits) - 1
    return [
        {"audits": audits, "meta": {"has_more": place < last, "after_cursor": f"c{place}"}}
        for place, audits in enumerate(pages_of_audits)
    ]


async def test_the_write_is_found_by_key_and_author() -> None:
    script = zendesk()
    step = await planned(script)
    strangers = [
        audit(9, COMMENT, metadata={"custom": {"op": "other"}}),
        ours(1, author_id=8),
        audit(7, COMMENT, metadata=None),
    ]
    script.on("tickets/5/audits.json", *pages([*strangers, ours(3)]))
    found = await script.desk().probe(step, "5")
    assert (found.verdict, found.receipt, found.complete_scan) == ("found", "audit 3", True)


async def test_of_two_copies_the_first_one_counts() -> None:
    script = zendesk()
    step = await planned(script)
    script.on("tickets/5/audits.json", *pages([ours(8), ours(3)]))
    assert (await script.desk().probe(step, "5")).receipt == "audit 3"


async def test_the_search_goes_on_over_pages_until_before_the_attempt() -> None:
    script = zendesk()
    step = await planned(script)
    later = [audit(99, COMMENT, created_at="2026-03-01T13:00:00Z")]
    older = [audit(1, COMMENT, created_at="2026-03-01T11:00:00Z")]
    script.on("tickets/5/audits.json", *pages(later, [ours(3)], older, [audit(0, COMMENT)]))
    assert (await script.desk().probe(step, "5")).verdict == "found"
    assert len(script.asked_for("audits.json")) == 3


async def test_a_list_that_does_not_run_backwards_is_read_to_its_end() -> None:
    script = zendesk()
    step = await planned(script)
    old = audit(1, COMMENT, created_at="2026-01-01T00:00:00Z")
    recent = audit(2, COMMENT, created_at="2026-03-01T11:59:59Z")
    script.on("tickets/5/audits.json", *pages([recent, old, recent, old], [ours(3)]))
    assert (await script.desk().probe(step, "5")).verdict == "found"


async def test_what_cannot_be_read_cannot_be_told() -> None:
    script = zendesk()
    step = await planned(script)
    script.on("tickets/5/audits.json", httpx.Response(503))
    found = await script.desk().probe(step, "5")
    assert (found.verdict, found.complete_scan) == ("cannot_tell", False)


async def test_pages_that_repeat_do_not_count_as_a_search() -> None:
    script = zendesk()
    step = await planned(script)
    same = {"audits": [audit(9, COMMENT)], "meta": {"has_more": True, "after_cursor": "c"}}
    script.on("tickets/5/audits.json", same)
    assert (await script.desk().probe(step, "5")).verdict == "cannot_tell"
    assert len(script.asked_for("audits.json")) <= 3


@pytest.mark.parametrize(
    ("events", "now", "said"),
    [
        ([{**COMMENT, "public": True}], {}, "PUBLIC:"),
        ([{"type": "Comment", "body": "x"}], {}, "PUBLIC:"),
        ([{"type": "Change", "field_name": "status", "value": "hold"}], {}, "note is not on the ticket"),
        ([COMMENT], {"status": "open"}, "status is open, not hold"),
        ([COMMENT], {"tags": ["one"]}, "tag esc-bug is not there"),
        (
            [COMMENT],
            {"custom_fields": [{"id": 106, "value": "education_gap"}]},
            "esc_verdict is education_gap",
        ),
    ],
)
async def test_every_difference_is_named(
    events: list[dict[str, Any]], now: dict[str, Any], said: str
) -> None:
    script = zendesk()
    step = await planned(
        script, note=INTERNAL, status="hold", tags_add=("esc-bug",), fields={"esc_verdict": "bug"}
    )
    right = {"status": "hold", "tags": ["one", "esc-bug"], "custom_fields": [{"id": 106, "value": "bug"}]}
    script.on("tickets/5.json", {"ticket": ticket(**(right | now))})
    script.on("tickets/5/audits.json", *pages([ours(3, *events)]))
    (difference,) = await script.desk().verify(step, "5")
    assert said in difference


async def test_what_a_colleague_changed_after_us_is_not_held_against_us() -> None:
    script = zendesk()
    step = await planned(
        script, note=INTERNAL, status="hold", tags_add=("esc-bug",), fields={"esc_verdict": "bug"}
    )
    mine = [
        COMMENT,
        {"type": "Change", "field_name": "status", "value": "hold"},
        {"type": "Change", "field_name": "tags", "value": ["one", "esc-bug"]},
        {"type": "Change", "field_name": "106", "value": "bug"},
    ]
    script.on("tickets/5/audits.json", *pages([ours(3, *mine)]))
    assert await script.desk().verify(step, "5") == []
