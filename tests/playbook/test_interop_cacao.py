"""CACAO 2.0: out and back without loss, and in from elsewhere with every loss named."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from tests.playbook.world import SHIPPED
from triage.model.errors import Invalid
from triage.model.exchange import ImportReport
from triage.playbook.interop.cacao_export import to_cacao
from triage.playbook.interop.cacao_import import from_cacao
from triage.playbook.interop.cacao_terms import condition_from_cacao, condition_to_cacao
from triage.playbook.language.steps import STEP_MODELS, Playbook
from triage.playbook.language.yaml_nodes import read_tree
from triage.playbook.lint.load import load_text

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FILES = sorted(SHIPPED.glob("*.yaml"))
EVERY_KIND = r"""
schema: triage.playbook/v1
id: every-kind
title: Every kind of step
version: 7
status: deprecated
replaced_by: better-one
owner: nobody
condition: Always.
objective: All of it.
impact: None.
mode: do-confirm
reviewed: "2026-11-01"
review_every: 90d
estimated_minutes: 5
severity: [urgent, low]
applies_to:
  all:
    - {field: tags, contains_any: [a, b], weight: 2}
    - not: {field: tags, contains: c}
    - {older_than: 3d}
memory_items: [One thing.]
references: [a text, {title: only a title}, {title: T, url: "https://example.org/x", page: "3"}]
vars:
  host: {prompt: Host?, pattern: '[a-z.]+', from: config.host}
  count: {type: number, default: 5}
  on: {type: bool, default: true}
  word: {default: "7"}
  key: {type: secret, from: env.KEY}
  kind_of: {options: [{value: x}, {value: y, label: Why}]}
stop_when:
  - {if: "vars.size > 10", say: Stop., outcome: unresolved}
on_exception: over
x-team: {colour: blue, list: [1, two, true]}
steps:
  - {id: look, kind: instruct, title: Look, text: "A {{ vars.host }} text.", why: Because., when: "vars.on == true", confirm: false, required: true, minutes: 3, lane: fix, section: S, two_person: true, refs: [r, {title: t, page: p}], x-own: 1}
  - {id: list, kind: checklist, title: List, items: [one, {text: two, expect: three}], next: size}
  - {id: size, kind: ask, title: How many?, type: number, save_as: size, min: 1, max: 9.5, unit: kg, pattern: '\d+', allow_unknown: false}
  - {id: pick, kind: ask, title: Which?, type: choice, options: [{value: "1", label: One, next: probe, hotkey: o}, {value: b, next: req}, {value: c}]}
  - {id: several, kind: ask, title: Several, type: multi, options: [{value: a}, {value: b}]}
  - {id: probe, kind: check, title: Probe, run: [dig, $HOST, "a b", --, "$(x)"], env: {HOST: "{{ vars.host }}"}, effect: read_only, confirm: none, timeout: 90s, expect: {exit: [0, 1], stdout_matches: x, json: [{path: a.b, equals: 1}]}, on_pass: sub, on_fail: req, capture: {ip: '(\d+)'}, needs: [dig], redact: ['s\w+'], manual: Do it., poll: {every: 5s, up_to: 1m}, cwd: temp}
  - {id: change, kind: check, title: Change, run: "echo one\necho two\n", effect: destructive, confirm: typed, undo: none, why: w, manual: m, timeout: 60s}
  - {id: req, kind: http, title: Ask it, method: HEAD, url: "https://example.org/{{ vars.word }}", headers: {X-Key: "{{ vars.key }}"}, expect: {status: [200, 204], cert_days_min: 7}, on_fail: over, manual: m}
  - {id: sub, kind: playbook, title: Use another, use: first-five-minutes, with: {word: "{{ vars.word }}", n: 3}, returns: {out: got}}
  - {id: way, kind: decide, title: Which way?, branches: [{if: "steps.probe.ok == true and vars.size in [1, 2]", next: pause, say: Left}, {if: "exists(vars.got) or not steps.req.ok", next: jot}], otherwise: proof}
  - {id: pause, kind: wait, title: Wait, for: 15m, remind: false}
  - {id: later, kind: wait, title: Later, until: "2026-12-01T10:00Z"}
  - {id: jot, kind: note, title: Note, template: "N {{ vars.word }}", visibility: internal}
  - {id: proof, kind: evidence, title: Proof, accept: [text, url], prompt: Bring it, min: 2}
  - {id: found, kind: finding, title: Found, statement: It was so., from: [probe, proof], strength: confirmed}
  - {id: cause, kind: root_cause, title: Cause, categories: [{value: x, label: X, code: B1}], statement: S., contributing: [a], confidence: low, evidence: [proof]}
  - {id: reply, kind: draft_reply, title: Reply, template: "Hello\n\nthere  \n", tone_note: kind}
  - {id: pass, kind: handover, title: Pass, to: them, reason: R., include: [summary], next: over}
  - {id: over, kind: end, title: Over, outcome: resolved, summary: "S {{ vars.word }}"}
"""


def playbook_of(text: str, name: str) -> Playbook:
    playbook, found = load_text(text, f"{name}.yaml")
    assert playbook is not None, [one for one in found if one.level == "error"]
    return playbook


def exported(text: str, name: str) -> dict[str, Any]:
    """As another program would read it: through JSON."""
    document: dict[str, Any] = json.loads(json.dumps(to_cacao(playbook_of(text, name), text, NOW)))
    return document


def imported(document: Mapping[str, Any]) -> ImportReport:
    return from_cacao(json.dumps(document).encode(), "foreign.json")


def texts() -> Iterator[tuple[str, str]]:
    yield "every-kind", EVERY_KIND
    for path in FILES:
        yield path.stem, path.read_text(encoding="utf-8")


def test_the_example_has_every_kind() -> None:
    kinds = {step.kind for step in playbook_of(EVERY_KIND, "every-kind").steps}
    assert kinds == set(STEP_MODELS)


@pytest.mark.parametrize(("name", "text"), texts(), ids=[name for name, _ in texts()])
def test_out_and_back_gives_every_field_again(name: str, text: str) -> None:
    report = imported(exported(text, name))
    assert report.refusals == () and report.losses == ()
    assert read_tree(report.text).data == read_tree(text).data


def test_an_export_is_the_same_every_time_and_names_no_value_in_a_command() -> None:
    document = exported(EVERY_KIND, "every-kind")
    assert document == exported(EVERY_KIND, "every-kind")
    commands = [one for step in document["workflow"].values() for one in step.get("commands", ())]
    assert [one["command"] for one in commands if one["type"] == "bash"] == [
        "dig \"$HOST\" 'a b' -- '$(x)'",
        "echo one\necho two\n",
    ]


def test_standard_properties_carry_what_they_can_and_the_extension_only_the_rest() -> None:
    document = exported(EVERY_KIND, "every-kind")
    steps = {one["name"]: one for one in document["workflow"].values() if "name" in one}
    probe, req = steps["Probe"], steps["Ask it"]
    assert (probe["timeout"], steps["Wait"]["delay"]) == (90_000, 900_000)
    assert req["commands"][0]["command"] == "HEAD https://example.org/{{ vars.word }} HTTP/1.1"
    held = next(iter(probe["step_extensions"].values()))
    assert (
        "title" not in held["fields"] and "timeout" not in held["fields"] and "on_fail" not in held["fields"]
    )
    assert document["revoked"] is True and document["labels"] == ["a", "b"]


def test_what_another_program_changed_is_taken_over_or_named() -> None:
    document = exported(EVERY_KIND, "every-kind")
    key = next(key for key, step in document["workflow"].items() if step.get("name") == "Probe")
    document["workflow"][key]["name"] = "Probe it twice"
    document["workflow"][key]["timeout"] = 5000
    document["workflow"][key]["targets"] = ["linux--7b0d5f0e-58f1-5d0c-9a52-3c6f1d6f7a11"]
    report = imported(document)
    step = next(one for one in read_tree(report.text).data["steps"] if one["id"] == "probe")
    assert (step["title"], step["timeout"]) == ("Probe it twice", "5s")
    assert f"/workflow/{key}/targets" in {loss.place for loss in report.losses}


def test_a_damaged_extension_is_said_and_the_file_read_as_anybodys() -> None:
    document = exported(EVERY_KIND, "every-kind")
    for step in document["workflow"].values():
        for held in step.get("step_extensions", {}).values():
            held.pop("position", None)
    report = imported(document)
    assert any("our extension" in loss.what for loss in report.losses)
    assert not report.refused and report.kept == report.total - 1, "one step is out of reach"


# --- files from elsewhere


def identifier(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


START, END = identifier("start", 0), identifier("end", 0)


def foreign(workflow: dict[str, Any], **head: Any) -> dict[str, Any]:
    first = next(iter(workflow), END)
    return {
        "type": "playbook", "spec_version": "cacao-2.0", "id": identifier("playbook", 1), "name": "From elsewhere",
        "created_by": identifier("identity", 1), "created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z",
        "workflow_start": START, **head,
        "workflow": {START: {"type": "start", "on_completion": first}, **workflow, END: {"type": "end"}},
    }  # fmt: skip


def action(
    number: int, then: str = END, kind: str = "manual", command: str = "Do it", **more: Any
) -> dict[str, Any]:
    held = {
        "type": "action",
        "name": f"Action {number}",
        "commands": [{"type": kind, "command": command}],
        **more,
    }
    if "on_success" not in more:
        held["on_completion"] = then
    return {identifier("action", number): held}


def steps_of(report: ImportReport) -> dict[str, Any]:
    assert not report.refused, report.refusals
    return {step["id"]: step for step in read_tree(report.text).data["steps"]}


def test_every_type_of_command_is_kept_and_only_bash_and_reading_requests_can_ever_run() -> None:
    kinds = ["manual", "bash", "ssh", "powershell", "openc2-http", "http-api", "kestrel", "sigma", "my-own"]
    workflow: dict[str, Any] = {}
    for number, kind in enumerate(kinds, 1):
        then = identifier("action", number + 1) if number < len(kinds) else END
        workflow.update(
            action(number, then, kind, "GET https://example.org/x" if kind == "http-api" else f"word {kind}")
        )
    report = imported(foreign(workflow))
    steps = steps_of(report)
    assert [step["kind"] for step in steps.values()] == [
        "instruct", "check", "instruct", "instruct", "instruct", "http", "instruct", "instruct", "instruct", "end",
    ]  # fmt: skip
    assert steps["action_2"]["effect"] == "changes"
    assert all(
        f"word {kind}" in str(step)
        for kind, step in zip(kinds, steps.values(), strict=False)
        if kind != "http-api"
    )
    assert sum(loss.level == "weakened" for loss in report.losses) == 6
    assert (report.kept, report.total) == (9, 9)
    assert read_tree(report.text).data["status"] == "draft"
    assert "PB602" in {one.code for one in report.diagnostics}


def test_pasted_variables_become_environment_values() -> None:
    variables = {"__ip__": {"type": "ipv4-addr", "description": "Which address?", "external": True}}
    document = foreign(
        action(1, END, "bash", "ping -c1 __ip__:value && echo '__ip__:value' \"is __ip__:value\""),
        playbook_variables=variables,
    )
    report = imported(document)
    step = steps_of(report)["action_1"]
    assert step["run"] == 'ping -c1 "${IP}" && echo \'__ip__:value\' "is ${IP}"'
    assert step["env"] == {"IP": "{{ vars.ip }}"}
    assert any("single quotes" in loss.why for loss in report.losses)


def test_conditions_that_can_be_decided_are_and_others_are_asked() -> None:
    first, second = identifier("if-condition", 1), identifier("if-condition", 2)
    document = foreign(
        {
            first: {"type": "if-condition", "name": "Known", "condition": "__n__:value > 3 AND NOT (__s__:value = 'a')", "on_true": identifier("action", 1), "on_false": second},
            second: {"type": "if-condition", "name": "Pattern", "condition": "[ipv4-addr:value = '1']", "on_true": identifier("action", 2)},
            **action(1), **action(2),
        },
        playbook_variables={"__n__": {"type": "integer"}, "__s__": {"type": "string"}},
    )  # fmt: skip
    steps = steps_of(imported(document))
    assert steps["known"]["branches"] == ({"if": "vars.n > 3 and not (vars.s == 'a')", "next": "action_1"},)
    assert steps["pattern"]["kind"] == "ask" and "ipv4-addr" in steps["pattern"]["text"]


def test_a_branch_goes_on_behind_its_condition() -> None:
    here, inner = identifier("if-condition", 1), identifier("end", 9)
    document = foreign({
        here: {"type": "if-condition", "name": "Here", "condition": "x", "on_true": identifier("action", 1), "on_completion": identifier("action", 3)},
        **action(1, identifier("action", 2)), **action(2, inner), inner: {"type": "end"}, **action(3),
    })  # fmt: skip
    steps = steps_of(imported(document))
    order = list(steps)
    assert order.index("action_2") + 1 == order.index("action_3") and "next" not in steps["action_2"]
    assert [one["next"] for one in steps["here"]["options"]] == ["action_1", "action_3"]


def test_parallel_steps_stand_one_behind_the_other_and_a_loop_once() -> None:
    parallel, repeated = identifier("parallel", 1), identifier("while-condition", 1)
    document = foreign({
        parallel: {"type": "parallel", "next_steps": [identifier("action", 1), identifier("action", 2)], "on_completion": repeated},
        **action(1), **action(2),
        repeated: {"type": "while-condition", "condition": "c", "on_true": identifier("action", 3), "on_completion": END},
        **action(3, repeated),
    })  # fmt: skip
    report = imported(document)
    assert [step for step in steps_of(report) if step.startswith("action")] == [
        "action_1",
        "action_2",
        "action_3",
    ]
    assert "side by side" in report.text and "go back to 'Action 3'" in report.text
    assert {"parallel", "loop"} <= {loss.what.split()[0] for loss in report.losses}


def test_a_switch_a_failure_and_an_exception_keep_their_ways() -> None:
    switch = identifier("switch-condition", 1)
    document = foreign(
        {
            switch: {"type": "switch-condition", "switch": "__v__:value", "cases": {"a b": identifier("action", 1), "default": identifier("action", 2)}},
            **action(1, kind="bash", command="true", on_success=END, on_failure=identifier("action", 2)),
            **action(2, on_success=END, on_failure=identifier("action", 3)), **action(3),
        },
        playbook_variables={"__v__": {"type": "string"}}, workflow_exception=identifier("action", 3),
    )  # fmt: skip
    report = imported(document)
    steps = steps_of(report)
    assert read_tree(report.text).data["on_exception"] == "action_3"
    assert steps["action_1"]["on_fail"] == "action_2"
    assert (
        next(step for step in steps.values() if step["kind"] == "decide")["branches"][0]["if"]
        == "vars.v == 'a b'"
    )
    asked = next(step for step in steps.values() if step["title"] == "Done: Action 2")
    assert [one["next"] for one in asked["options"]] == ["done", "action_3"]


@pytest.mark.parametrize(
    ("workflow", "head", "said"),
    [
        (action(1, identifier("action", 2)), {}, "'Action 1' leads to a step that is not there: on_completion = action--"),
        ({**action(1, identifier("action", 2)), **action(2, identifier("action", 1))}, {}, "loop: 'Action 1' -> 'Action 2' -> 'Action 1'"),
        (action(1), {"workflow_exception": identifier("action", 7)}, "workflow_exception names a step that is not there"),
        (action(1), {"workflow_start": "start--x"}, "workflow_start names a step that is not there"),
        ({**action(1), **action(2), **action(3)}, {}, "only 1 of 3 steps could be kept"),
        ({}, {}, "no steps were found"),
    ],
)  # fmt: skip
def test_loops_dangling_targets_and_half_a_playbook_are_refused_by_name(
    workflow: dict[str, Any], head: dict[str, Any], said: str
) -> None:
    report = imported(foreign(workflow, **head))
    assert report.refused and report.text == ""
    assert any(said in why for why in report.refusals), report.refusals


def test_everything_left_behind_is_in_the_report_with_its_place() -> None:
    document = foreign(
        action(1, step_extensions={"extension-definition--x": {}}, owner="identity--x"),
        signatures=[{}], authentication_info_definitions={"a": {"password": "hush"}}, wholly_new=1,
    )  # fmt: skip
    report = imported(document)
    key = identifier("action", 1)
    assert {f"/workflow/{key}/step_extensions", f"/workflow/{key}/owner", "/signatures", "/wholly_new"} <= {
        loss.place for loss in report.losses if loss.level == "dropped"
    }
    assert "hush" not in report.text


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"\xff", b'{"type": "bundle"}', b"[" * 100_000, b'{"type": "playbook", "x": 1' + b"0" * 5000 + b"}"],
)  # fmt: skip
def test_what_is_no_cacao_file_is_refused_in_one_line(raw: bytes) -> None:
    with pytest.raises(Invalid):
        from_cacao(raw, "x.json")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("vars.a == 'it\\'s' and vars.b", "(__a__:value = 'it\\'s' AND __b__:value = true)"),
        ("vars.a not in [1, 'x'] or not vars.b != 2", "(__a__:value NOT IN (1, 'x') OR NOT (__b__:value != 2))"),
        ("steps.x.ok == false", "__steps_x_ok__:value = false"),
        ("exists(vars.a)", None), ("1 < vars.a < 3", None), ("ticket.status == 'open'", None),
    ],
)  # fmt: skip
def test_conditions_are_said_in_their_words(ours: str, theirs: str | None) -> None:
    assert condition_to_cacao(ours) == theirs


@pytest.mark.parametrize(
    "text", ["", "__a__", "__a__:value =", "(" * 3000, "__a__:value = 'x", "__b__:value = 1", "a b"]
)
def test_conditions_that_are_none_are_not_guessed(text: str) -> None:
    assert condition_from_cacao(text, {"a": "vars.a"}.get) is None


# --- the schemas of OASIS

SCHEMAS = os.environ.get("TRIAGE_CACAO_SCHEMAS", "")


def validator() -> Draft7Validator:
    held = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(SCHEMAS).rglob("*.json"))]
    registry: Registry[Any] = Registry().with_resources(
        (one["$id"], Resource.from_contents(one)) for one in held
    )
    main = next(one for one in held if one["$id"].endswith("/playbook.json"))
    return Draft7Validator(main, registry=registry)


@pytest.mark.skipif(
    not SCHEMAS, reason="TRIAGE_CACAO_SCHEMAS names no folder with oasis-open/cacao-json-schemas"
)
def test_every_export_is_valid_by_the_schemas_of_oasis() -> None:
    checker = validator()
    for name, text in texts():
        document = exported(text, name)
        assert [f"{error.json_path}: {error.message}" for error in checker.iter_errors(document)] == [], name
        broken = copy.deepcopy(document)
        next(step for step in broken["workflow"].values() if step["type"] == "action").pop("agent")
        assert not checker.is_valid(broken), "the schemas look at nothing"


@pytest.mark.skipif(
    not SCHEMAS, reason="TRIAGE_CACAO_SCHEMAS names no folder with oasis-open/cacao-json-schemas"
)
def test_an_export_uses_only_properties_that_the_schemas_know() -> None:
    """Their ``unevaluatedProperties`` is a word of a later draft than the one they name, and is not looked at."""
    root = Path(SCHEMAS)
    known = {path.stem: set(_properties(path)) for path in root.rglob("*.json")}
    for name, text in texts():
        document = exported(text, name)
        assert set(document) <= known["playbook"], name
        for step in document["workflow"].values():
            assert set(step) <= known[step["type"]] | known["workflow-step"], (name, step["name"])
            for command in step.get("commands", ()):
                assert set(command) <= known[command["type"]] | known["command-data"]


def _properties(path: Path) -> Iterator[str]:
    def inside(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from part.get("properties", {})
            for one in part.get("allOf", ()):
                yield from inside(one)

    yield from inside(json.loads(path.read_text(encoding="utf-8")))
