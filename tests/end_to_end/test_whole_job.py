"""The whole job from the shell: queue, case, playbook, retrospective, and the note back on the ticket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.shell import Shell
from triage.demo.child import DemoProcess

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-40817.yaml"

QUEUE_FIELDS = {
    "id", "key", "subject", "status", "priority", "customer", "product", "assignee", "created_at",
    "updated_at", "waiting_since", "next_promise_due", "unacknowledged", "url", "local_state",
}  # fmt: skip
EVENT_FIELDS = {"id", "at", "kind", "actor_role", "actor", "visibility", "text", "source_ref"}
OPERATION_FIELDS = {"id", "ticket", "state", "created_at", "steps"}
STEP_FIELDS = {"key", "kind", "visibility", "state", "attempts", "receipt", "payload"}
SYNC_FIELDS = {"pulled", "updated", "pushed", "conflicts", "parked", "complete", "duration_s"}


def api(demo: DemoProcess, path: str) -> Any:
    with httpx.Client(base_url=demo.url, headers={"Authorization": f"Bearer {demo.token}"}) as client:
        answer = client.get(path)
        answer.raise_for_status()
        return answer.json()


def our_notes(demo: DemoProcess, ticket_id: str) -> list[dict[str, Any]]:
    comments = api(demo, f"/api/v2/tickets/{ticket_id}/comments.json")["comments"]
    return [comment for comment in comments if "[esc:" in comment["body"]]


@pytest.fixture
def pulled(shell: Shell) -> Shell:
    document = shell.must("sync", "--json").document
    assert set(document) >= SYNC_FIELDS
    assert document["pulled"] >= 20
    assert document["complete"] is True
    return shell


def test_the_queue_shows_what_is_due_first(pulled: Shell) -> None:
    queue = pulled.must("queue", "--json").document
    assert all(set(item) >= QUEUE_FIELDS for item in queue)
    assert queue[0]["next_promise_due"] is not None
    broken = [item["next_promise_due"] for item in queue if item["next_promise_due"]]
    assert queue[0]["next_promise_due"] == min(broken)
    lines = pulled.must("queue", "--ndjson").out.splitlines()
    assert len(lines) == len(queue)


def test_a_case_shows_its_timeline_with_roles_and_visibility(pulled: Shell) -> None:
    case = pulled.must("show", "HL-40817", "--json").document
    assert set(case) >= {"ticket", "timeline", "promises", "runs", "investigation"}
    assert all(set(event) >= EVENT_FIELDS for event in case["timeline"])
    roles = {event["actor_role"] for event in case["timeline"]}
    assert {"customer", "support_frontline", "support_tier2"} <= roles
    assert {"public", "internal"} <= {event["visibility"] for event in case["timeline"]}
    assert case["promises"]


def test_a_second_sync_has_nothing_to_do(pulled: Shell) -> None:
    document = pulled.must("sync", "--json").document
    assert (document["updated"], document["pushed"]) == (0, 0)


def test_the_result_arrives_on_the_ticket_once_as_an_internal_note(pulled: Shell, demo: DemoProcess) -> None:
    ticket = pulled.must("show", "HL-40817", "--json").document["ticket"]["id"]
    done = pulled.must("investigate", "HL-40817", "--answers", str(ANSWERS), "--adopt", "--send", "--json")
    held = done.document
    assert (held["verdict"], held["code"], held["state"]) == ("bug", "B2.3", "adopted")
    assert "root_cause" in held
    [note] = our_notes(demo, ticket)
    assert note["public"] is False
    fields = {
        field["id"]: field["title"] for field in api(demo, "/api/v2/ticket_fields.json")["ticket_fields"]
    }
    now = api(demo, f"/api/v2/tickets/{ticket}.json")["ticket"]
    assert {"esc-bug", "esc-b2-3"} <= set(now["tags"])
    values = {fields[field["id"]]: field["value"] for field in now["custom_fields"]}
    assert (values["esc_verdict"], values["esc_code"]) == ("bug", "B2.3")
    [operation] = pulled.must("outbox", "list", "--all", "--json").document
    assert set(operation) >= OPERATION_FIELDS
    assert operation["state"] == "verified"
    assert all(set(step) >= STEP_FIELDS and step["visibility"] == "internal" for step in operation["steps"])
    pulled.must("sync", "--json")
    assert len(our_notes(demo, ticket)) == 1
    case = pulled.must("show", "HL-40817", "--json").document
    assert sum("[esc:" in event["text"] for event in case["timeline"]) == 1
    assert "PROBABLE" in pulled.must("report", "HL-40817").out.upper()


def test_an_unfinished_investigation_says_what_is_missing(pulled: Shell, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("K1: They cannot open manifests\n")
    ended = pulled.run("investigate", "HL-40817", "--answers", str(answers), "--adopt", "--json")
    assert (ended.code, "LOCK" in ended.err) == (3, True)
    checked = pulled.run("rules", "check", "HL-40817", "--json")
    assert checked.code == 1
    assert "V29" in {violation["rule"] for violation in checked.document}
    assert all(violation["text"] and violation["prompt_id"] for violation in checked.document)


def test_unknown_prompts_are_named_and_nothing_is_recorded(pulled: Shell, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("K1: fine\nQ99: what\n")
    ended = pulled.run("investigate", "HL-40817", "--answers", str(answers), "--json")
    assert ended.code == 2
    assert "Q99" in ended.err
    assert len(ended.err.strip().splitlines()) == 1
