from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from tests.helpdesk.scripted_zendesk import ScriptedZendesk, audit, ticket
from tests.helpdesk.writing import everything
from triage.model.errors import HelpdeskFailed, TriageError
from triage.model.timeline import TimelineEvent


async def read(raw: dict[str, Any], **profile: Any) -> Any:
    desk = ScriptedZendesk(**profile)
    desk.on("tickets/5.json", {"ticket": raw})
    return await desk.desk().ticket("5")


async def timeline(*audits: dict[str, Any], **profile: Any) -> list[TimelineEvent]:
    desk = ScriptedZendesk(**profile)
    desk.on("tickets/5.json", {"ticket": ticket()})
    desk.on("tickets/5/audits.json", {"audits": list(audits), "meta": {"has_more": False}})
    return await everything(desk.desk().timeline(await desk.desk().ticket("5")))


COMMENT = {"type": "Comment", "body": "words", "public": False, "author_id": 7}


@pytest.mark.parametrize(
    ("external", "key"),
    [("HL-40817", "HL-40817"), (None, "#5"), ("crm:9981", "#5"), ("hl-1", "#5"), ("", "#5")],
)
async def test_people_see_the_key_that_looks_like_one(external: str | None, key: str) -> None:
    assert (await read(ticket(external_id=external))).key == key


@pytest.mark.parametrize(
    ("status", "is_open"), [("new", True), ("hold", True), ("solved", False), ("deleted", False)]
)
async def test_solved_closed_and_deleted_tickets_are_not_open(status: str, is_open: bool) -> None:
    assert (await read(ticket(status=status))).open is is_open


async def test_a_field_for_severity_counts_where_the_profile_says_so_and_there_is_no_priority() -> None:
    values, mine = [{"id": 102, "value": "severity_one"}], {"fields": {"priority": "Severity"}}
    assert (await read(ticket(custom_fields=values), **mine)).priority == "urgent"
    assert (await read(ticket(custom_fields=values, priority="low"), **mine)).priority == "low"
    assert (await read(ticket(custom_fields=values))).priority is None


async def test_the_profile_can_name_fields_and_people() -> None:
    mine = {"fields": {"component": "Product"}, "roles": {"Noor": "product", "Engineering": "operations"}}
    assert (await read(ticket(), **mine)).component == "Heron"
    events = await timeline(audit(1, COMMENT), audit(2, {**COMMENT, "author_id": 8}), **mine)
    assert [event.actor_role for event in events] == ["operations", "product"]


async def test_only_an_explicit_yes_makes_a_comment_public() -> None:
    flags: list[Any] = [True, False, None, "true", 1]
    comments = [audit(n, {**COMMENT, "public": flag}) for n, flag in enumerate(flags, 1)]
    missing = audit(9, {key: value for key, value in COMMENT.items() if key != "public"})
    shown = [event.visibility for event in await timeline(*comments, missing)]
    assert shown == ["public", "internal", "internal", "internal", "internal", "internal"]


async def test_roles_come_from_groups_and_somebody_unknown_is_neither_side() -> None:
    authors = [9, 8, 7, -1, 555]
    events = await timeline(*(audit(n, {**COMMENT, "author_id": who}) for n, who in enumerate(authors, 1)))
    told = [event.actor_role for event in events]
    assert told == ["customer", "support_frontline", "engineering", "helpdesk", "partner_or_third_party"]


async def test_somebody_deleted_is_asked_for_once() -> None:
    desk = ScriptedZendesk()
    desk.on("tickets/5.json", {"ticket": ticket()})
    desk.on("tickets/5/audits.json", {"audits": [audit(1, {**COMMENT, "author_id": 555})], "meta": {}})
    reader = desk.desk()
    ticket_5 = await reader.ticket("5")
    for _ in range(2):
        assert [event.actor for event in await everything(reader.timeline(ticket_5))] == ["user 555"]
    assert len([one for one in desk.asked_for("users/show_many.json") if "555" in one.url.params["ids"]]) == 1


async def test_changes_are_told_in_words() -> None:
    events = await timeline(
        audit(
            1,
            {"type": "Change", "field_name": "assignee_id", "previous_value": "8", "value": "7"},
            {"type": "Change", "field_name": "group_id", "previous_value": "10", "value": "20"},
            {"type": "Change", "field_name": "status", "previous_value": "new", "value": "open"},
            {"type": "Change", "field_name": "102", "previous_value": None, "value": "severity_two"},
            {"type": "Notification", "subject": "mail"},
            {"type": "SomethingNew", "weird": [1, {"deep": None}]},
        )
    )
    assert [(event.field, event.old, event.new) for event in events] == [
        ("assignee", "Noor", "Robin"),
        ("group", "Support", "Tier 2"),
        ("status", "new", "open"),
        ("Severity", "", "Sev 2"),
    ]


async def test_one_escalation_is_told_once() -> None:
    tags = {"type": "Change", "field_name": "tags", "previous_value": ["a"], "value": ["a", "escalated"]}
    group = {"type": "Change", "field_name": "group_id", "previous_value": "10", "value": "30"}
    assert [event.kind for event in await timeline(audit(1, tags, group))] == ["escalation", "change"]
    assert [event.kind for event in await timeline(audit(1, group))] == ["escalation"]
    kept = {**tags, "previous_value": ["escalated"]}
    assert [event.kind for event in await timeline(audit(1, kept))] == ["change"]
    born = {"type": "Create", "field_name": "tags", "value": ["escalated"]}
    assert [event.kind for event in await timeline(audit(1, born))] == ["escalation"]


async def test_ratings_merges_files_and_our_own_marker_are_seen() -> None:
    file = {
        "file_name": "log.txt",
        "size": 12,
        "content_url": "https://desk.test/f",
        "content_type": "text/plain",
    }
    via = {"source": {"rel": "merge"}}
    events = await timeline(
        audit(1, {"type": "SatisfactionRating", "score": "bad", "body": "slow"}),
        audit(2, {"type": "SatisfactionRating", "score": "unoffered"}),
        audit(3, {**COMMENT, "attachments": [file]}, metadata={"custom": {"op": "0197-1"}}),
        audit(4, COMMENT, via=via),
    )
    assert [event.kind for event in events] == ["rating", "message", "merge"]
    assert (events[0].new, events[0].text) == ("bad", "slow")
    assert (events[1].marker, events[1].attachments[0].name) == ("0197-1", "log.txt")


@pytest.mark.parametrize(
    "broken", [{"id": None}, {"created_at": None}, {"updated_at": "soon"}, {"custom_fields": [1]}]
)
async def test_a_ticket_of_unknown_shape_is_one_clear_line(broken: dict[str, Any]) -> None:
    with pytest.raises(HelpdeskFailed, match="shape"):
        await read(ticket(**broken))


async def test_mangled_answers_never_end_in_a_traceback() -> None:
    seed = random.randrange(2**32)
    die = random.Random(seed)
    script = ScriptedZendesk()
    desk = script.desk()
    good = {"ticket": ticket(), "audits": [audit(1, COMMENT), audit(2, COMMENT)], "meta": {"has_more": False}}
    for _ in range(400):
        mangled = _mangle(copy.deepcopy(good), die)
        script.on("tickets/5.json", mangled)
        script.on("tickets/5/audits.json", mangled)
        try:
            found = await desk.ticket("5")
            await everything(desk.timeline(found))
        except TriageError:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {mangled}") from error
        assert found.id == str(int(mangled["ticket"]["id"])), seed


def _mangle(value: Any, die: random.Random) -> Any:
    """Replace one random place by something else."""
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(value)
    node, key = die.choice(places)
    node[key] = die.choice([None, [], {}, "", "x", -1, 10**30, True, [None], {"a": 1}, 1.5])
    return value
