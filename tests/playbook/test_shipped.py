"""The shipped playbooks: every branch walked to an end, useful with nothing set up, whole in the package."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.playbook.world import SHIPPED, Bench, context
from triage.model.json_value import Json
from triage.playbook.language.graph import Graph
from triage.playbook.language.schema import json_schema
from triage.playbook.language.steps import (
    Ask,
    Decide,
    DraftReply,
    End,
    EvidenceStep,
    Handover,
    Playbook,
    Probe,
    RootCause,
    SubPlaybook,
)
from triage.playbook.language.yaml_nodes import read_tree
from triage.playbook.lint.load import load_bytes
from triage.playbook.run import engine
from triage.playbook.run.opening import PinnedText
from triage.playbook.run.script import run_script
from triage.playbook.shelf.lint import lint_paths
from triage.playbook.shelf.outline import outline

FILES = sorted(SHIPPED.glob("*.yaml"))
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def read(path: Path) -> Playbook:
    playbook = load_bytes(path.read_bytes(), str(path))[0]
    assert playbook is not None
    return playbook


SHARED = ("customer-handback", "first-five-minutes")
"""Small ones that the others use."""
LONGEST_STRETCH = 9
MEMORY_ITEM = 120


@each
def test_it_is_a_whole_playbook(path: Path) -> None:
    playbook = read(path)
    graph = Graph.of(playbook.steps)
    assert path.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=playbook.schema.json\n"
    )
    assert playbook.memory_items and playbook.stop_when and playbook.references
    if playbook.mode == "do-confirm":
        assert len(playbook.steps) <= LONGEST_STRETCH or playbook.id == "start-here"
        return
    assert playbook.applies_to
    assert 8 <= graph.longest(playbook.steps[0].id) <= 14
    for kind in (Ask, Decide, EvidenceStep, RootCause, DraftReply, Handover, End):
        assert any(isinstance(step, kind) for step in playbook.steps), kind
    assert "resolved" in {step.outcome for step in playbook.steps if isinstance(step, End)}


@each
def test_it_is_short_enough_to_be_read_at_night(path: Path) -> None:
    """Titles that are orders or questions of one line, memory items of one breath."""
    playbook = read(path)
    assert all(len(step.title) <= 60 and not step.title.endswith((".", "?")) for step in playbook.steps)
    assert all(len(item) <= MEMORY_ITEM for item in playbook.memory_items)
    assert all(step.text is None or len(step.text.split()) <= 90 for step in playbook.steps), (
        "a text over 90 words"
    )


@each
def test_nothing_a_customer_reads_has_a_gap_to_be_filled_by_hand(path: Path) -> None:
    """A place-holder in brackets would be sent; a value that is asked for would not be forgotten."""
    for step in read(path).steps:
        words = step.template if isinstance(step, DraftReply) else ""
        words += step.statement if isinstance(step, RootCause) else ""
        assert not re.search(r"\((?:put|write|one|say)\b|\.\.\.|…", words), step.id


@each
def test_a_customer_hears_the_agreed_time_wherever_a_case_stays_open(path: Path) -> None:
    playbook = read(path)
    open_ends = {
        step.id for step in playbook.steps if isinstance(step, End) and step.outcome == "handed_over"
    }
    drafts = [step for step in playbook.steps if isinstance(step, DraftReply)]
    before_open = [
        step
        for step in drafts
        if open_ends & {edge.target for edge in Graph.of(playbook.steps).edges[step.id]}
    ]
    assert all("vars.next_update" in step.template for step in before_open)


@each
def test_it_is_useful_with_nothing_installed_or_configured(path: Path) -> None:
    for step in read(path).steps:
        if isinstance(step, Probe):
            assert step.manual
            assert step.effect == "read_only"


@each
def test_its_causes_name_codes_of_the_investigation(path: Path) -> None:
    causes = [step for step in read(path).steps if isinstance(step, RootCause)]
    assert all(category.code for step in causes for category in step.categories)


def choices(playbook: Playbook, state: Any, shown: Any) -> Iterator[tuple[str, Any]]:
    """Every answer worth trying at the step in hand."""
    step = state.graph.steps.get(shown.id)
    if shown.id.startswith("vars."):
        yield "unknown", lambda b: b.do(engine.answer_unknown, shown.id)
    elif isinstance(step, SubPlaybook):
        for outcome in ("resolved", "workaround", "handed_over"):
            yield (
                outcome,
                lambda b, o=outcome: b.answer(
                    shown.id, {"outcome": o, "returns": dict.fromkeys(step.returns, "told")}
                ),
            )
    elif isinstance(step, Probe):
        for ok in (True, False):
            yield f"ok={ok}", lambda b, ok=ok: b.answer(shown.id, {"ok": ok, "saw": "as seen"})
        yield "skip", lambda b: b.do(engine.skip, shown.id, "no access")
    elif isinstance(step, Decide):
        for number in range(1, len(step.branches) + 2):
            yield f"way {number}", lambda b, n=number: b.do(engine.decide, shown.id, str(n), reason="tried")
    elif isinstance(step, Ask) and step.options:
        for option in step.options:
            yield option.value, lambda b, v=option.value: b.answer(shown.id, v)
        if step.allow_unknown:
            yield "unknown", lambda b: b.do(engine.answer_unknown, shown.id)
    elif isinstance(step, Ask) and step.type == "number":
        for said in ("0", "5"):
            yield said, lambda b, v=said: b.answer(shown.id, v)
    elif isinstance(step, Ask):
        value = {
            "datetime": "2026-11-20T10:00Z",
            "text": "When X is done, should Y or Z happen? 3.8.4 to 4.1.0",
        }
        yield "given", lambda b: b.answer(shown.id, value[step.type])
        if step.allow_unknown:
            yield "unknown", lambda b: b.do(engine.answer_unknown, shown.id)
    elif isinstance(step, EvidenceStep):
        yield "text", lambda b: b.answer(shown.id, "a line of a log")
    elif isinstance(step, RootCause):
        yield "cause", lambda b: b.answer(shown.id, {"category": 1, "statement": "It broke because of this."})
    elif step is not None and step.two_person:
        yield "two", lambda b: b.answer(shown.id, {"value": True, "typed": shown.id})
    elif "[missing:" in shown.template:
        yield "text", lambda b: b.answer(shown.id, "Words of mine")
    else:
        yield "done", lambda b: b.answer(shown.id)


def walk(playbook: Playbook, picks: dict[str, int], used: dict[str, int]) -> tuple[Bench, list[str]]:
    """One run: at each step the least used way, or the one in ``picks``."""
    bench = Bench(playbook, trust="none", has_program=lambda _: False)
    bench.do(engine.set_people, navigator="jun")
    trail = []
    for _ in range(80):
        view = bench.view
        if view.status != "open":
            return bench, trail
        if view.panel:
            values = [one.value for one in view.panel.choices]
            key = f"{bench.here}:panel:{view.panel.kind}"
            value = min(values, key=lambda v: used.get(f"{key}:{v}", 0))
            if value in ("retry", "record"):
                used[f"{key}:{value}"] = used.get(f"{key}:{value}", 0) + 1
                bench.do(engine.resolve_panel, value, reason="tried")
                continue
            used[f"{key}:{value}"] = used.get(f"{key}:{value}", 0) + 1
            bench.do(engine.resolve_panel, value, reason="no access: tried")
            continue
        shown = view.current
        assert shown is not None
        ways = list(choices(playbook, bench.state, shown))
        name, act = min(ways, key=lambda way: used.get(f"{shown.id}={way[0]}", 0))
        used[f"{shown.id}={name}"] = used.get(f"{shown.id}={name}", 0) + 1
        trail.append(f"{shown.id}={name}")
        act(bench)
    raise AssertionError(f"no end: {trail}")


@each
def test_every_step_every_answer_and_every_end_is_reached(path: Path) -> None:
    playbook = read(path)
    graph = Graph.of(playbook.steps)
    used: dict[str, int] = {}
    reached: set[str] = set()
    edges: set[tuple[str, str]] = set()
    wanted = {(edge.source, edge.target) for some in graph.edges.values() for edge in some}
    for _ in range(160):
        bench, _ = walk(playbook, {}, used)
        state = bench.state
        reached |= {one.step_id for one in state.visited} | {str(e.data.get("step")) for e in bench.entries}
        order = [
            *(one.step_id for one in state.visited),
            *(str(e.data["step"]) for e in bench.entries if e.kind == "run.ended"),
        ]
        edges |= set(pairwise(order))
        assert state.status in ("ended", "stopped")
        if wanted <= edges and {step.id for step in playbook.steps} <= reached:
            break
        assert "[missing:" not in "".join(str(text) for text in state.drafts.values() if "Hello" in str(text))
    assert {step.id for step in playbook.steps} <= reached
    assert wanted <= edges, wanted - edges


ANSWERS: dict[str, tuple[dict[str, Json], dict[str, dict[str, Any]], str, list[str]]] = {
    "sso-login-failure": (
        {
            "vars.idp_metadata": "https://idp.pemba.example/metadata", "vars.our_sign_in": "https://login.example/pemba", "scope": "everybody",
            "changed": ["idp-certificate"], "where": "back-at-us", "message": "signature", "attempt": "03:12Z request 9", "side": True,
            "trust_repair": "all", "retest": "works", "cause": "certificate", "handback": {"outcome": "resolved"}, "how_it_ended": True, "done": True,
        },
        {
            "signing": {"out": "notAfter=Nov  1 00:00:00 2028 GMT\nCertificate will not expire"},
            "clocks": {"out": "HTTP/2 200 \n   Sat, 21 Nov 2026 03:00:00 GMT\nHTTP/2 302\n   Sat, 21 Nov 2026 03:00:00 GMT"},
        },
        "resolved", ["trust_repair", "retest", "cause", "handback", "how_it_ended", "done"],
    ),
    "upgrade-failed": (
        {
            "vars.versions": "3.8.4 to 4.1.0, directly", "vars.next_update": "today 23:30 CET", "supported": "no", "backup": "verified",
            "phase": "migration", "first_error": "ERROR 1071 key too long", "environment": [1, 2], "known": "unknown-here",
            "way": True, "rollback_ready": {"value": "all", "typed": "rollback_ready"}, "rollback": True, "run.navigator": "jun",
            "verify": "rolled-back", "reply_back": True, "back_on_old": True,
        },
        {}, "workaround", ["rollback_ready", "rollback", "verify", "reply_back", "back_on_old"],
    ),
    "data-loss-report": (
        {
            "vars.object_ids": "INV-1, INV-2, INV-3", "vars.next_update": "today 10:00 CET", "freeze": "all", "breadth": "few",
            "last_seen": "2026-11-19T18:00Z", "seen": "nobody", "audit": {"ok": True, "saw": "deleted by job retention 02:00Z"},
            "what_happened": "deleted-by-job", "trace": "job log", "judge": True, "copies": "2026-11-19T22:00Z", "run.navigator": "jun",
            "restore": {"value": True, "typed": "restore"}, "reply_open": True, "handed": True,
        },
        {}, "handed_over", ["judge", "copies", "restore", "reply_open", "handed"],
    ),
    "what-should-happen-here": (
        {
            "question": "When a project is archived, should it still send mail or not?", "vars.next_update": "Thursday 12:00 CET",
            "stakes": "plan", "search": "all", "sources": "docs, page 4: silent", "agree": "silent", "observe": "as-reported",
            "experiment": "1. archive 2. wait", "vars.written_at": "page 4", "vars.their_way": "unknown", "verdict": True, "owner": True, "decided": "as-designed", "as_designed": True,
            "doc_sentence": True, "cause": "design-undefined", "done": True,
        },
        {}, "resolved", ["owner", "decided", "as_designed", "doc_sentence", "cause", "done"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_a_whole_case_runs_from_answers(name: str) -> None:
    answers, results, outcome, tail = ANSWERS[name]
    run = run_script(read(SHIPPED / f"{name}.yaml"), answers, results, context=context())
    assert run.waiting == ""
    assert run.view.outcome == outcome
    assert list(run.path[-len(tail) :]) == tail


def test_the_way_in_leads_into_every_other_playbook() -> None:
    used = [step.use for step in read(SHIPPED / "start-here.yaml").steps if isinstance(step, SubPlaybook)]
    others = {path.stem for path in FILES} - {"start-here", *SHARED}
    assert used[0] == "first-five-minutes"
    assert set(used[1:]) == others
    assert len(used) == 13


@each
def test_a_typo_in_what_a_used_playbook_is_given_is_found_where_it_is(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    given = [
        place
        for key, place in read_tree(text).places.items()
        if len(key) == 4 and key[2] in ("with", "returns") and isinstance(key[3], str)
    ]
    for other in FILES:
        (tmp_path / other.name).write_bytes(other.read_bytes())
    for place in given:
        lines = text.split("\n")
        row, column = lines[place.key_line - 1], place.key_column
        lines[place.key_line - 1] = row[: column - 1] + "x" + row[column - 1 :]
        (tmp_path / path.name).write_text("\n".join(lines), encoding="utf-8")
        found = [one for one in lint_paths([tmp_path / path.name]) if one.code == "PB210"]
        assert [(one.line, one.column) for one in found] == [(place.key_line, column)]


def included(*names: str) -> dict[str, PinnedText]:
    """Playbooks that another one uses, as a run pins them."""
    texts = {name: (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8") for name in names}
    return {
        name: PinnedText(text, hashlib.sha256(text.encode()).hexdigest(), "") for name, text in texts.items()
    }


def test_the_way_in_hands_what_it_learnt_to_the_playbook_and_the_playbook_to_the_hand_back() -> None:
    inside: dict[str, Json] = {
        "vars.who_what": "m.okafor, open, project 12", "direction": "hidden", "others": "group", "since": "never", "effective": "all",
        "where": "group", "shown": "the group differs", "way": True, "sync": True, "retest": "fits", "cause": "group-sync",
        "handback/works": "customer", "handback/proof": "03:40Z opened", "handback/changed": "unknown", "handback/prevention": "unknown",
        "handback/reply": True, "handback/closing": "all", "handback/closed": True, "done": True,
    }  # fmt: skip
    answers: dict[str, Json] = {
        "first/restate": "The new colleague does not see project 12.", "first/severity": "hampered", "first/reach": "one-person",
        "first/promise": "today 14:30 CET", "first/confirmed": "all", "first/ready": True, "looks_like": "rights",
        **{("vars.rights/who_what" if name.startswith("vars.") else f"rights/{name}"): value for name, value in inside.items()},
        "how_it_ended": True, "solved": True,
    }  # fmt: skip
    way_in = read(SHIPPED / "start-here.yaml")
    pins = included("first-five-minutes", "permission-problem", "customer-handback")
    run = run_script(way_in, answers, {}, context=context(), includes=pins)
    assert run.waiting == ""
    assert run.view.outcome == "resolved"
    assert run.path[-4:] == ("rights/handback/closed", "rights/done", "how_it_ended", "solved")
    assert run.state.variables["rights/next_update"] == "today 14:30 CET"
    assert "It works now, and what should be refused" in str(run.view.drafts["rights/handback/reply"])


def test_a_stop_rule_of_each_playbook_fires() -> None:
    for name, step, value in (
        ("sso-login-failure", "scope", "several-customers"), ("data-loss-report", "breadth", "several-customers"),
        ("what-should-happen-here", "stakes", "harm"),
    ):  # fmt: skip
        answers = {**ANSWERS[name][0], step: value}
        run = run_script(read(SHIPPED / f"{name}.yaml"), answers, {}, context=context())
        assert (run.view.status, run.view.outcome) == ("stopped", "handed_over")
        assert run.path[-1] == step
    answers = {**ANSWERS["upgrade-failed"][0], "backup": "none"}
    run = run_script(read(SHIPPED / "upgrade-failed.yaml"), answers, {}, context=context())
    assert (run.view.status, run.path[-1]) == ("stopped", "phase")


def test_the_schema_and_the_sums_beside_the_playbooks_are_current() -> None:
    """Mended by ``python -m triage.playbook.shelf.shipping``."""
    assert json.loads((SHIPPED / "playbook.schema.json").read_text(encoding="utf-8")) == json_schema()
    rows = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in FILES]
    assert (SHIPPED / "SHA256SUMS").read_text(encoding="utf-8").splitlines() == rows


def listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: listed(one) for key, one in value.items()}
    return [listed(one) for one in value] if isinstance(value, tuple) else value


@each
def test_it_is_valid_by_the_schema(path: Path) -> None:
    data = listed(read_tree(path.read_text(encoding="utf-8")).data)
    assert [error.message for error in Draft7Validator(json_schema()).iter_errors(data)] == []


def test_the_schema_names_the_field_and_not_the_whole_step() -> None:
    data = listed(read_tree((SHIPPED / "sso-login-failure.yaml").read_text(encoding="utf-8")).data)
    step = next(one for one in data["steps"] if one["kind"] == "check")
    step["effect"] = "readonly"
    step["time_out"] = "5s"
    messages = sorted(error.message for error in Draft7Validator(json_schema()).iter_errors(data))
    assert len(messages) == 2
    assert any("'time_out'" in message for message in messages)
    assert any("'readonly' is not one of" in message for message in messages)


def test_every_field_of_the_schema_is_described() -> None:
    schema = json_schema()
    bare = [
        f"{owner}.{name}"
        for owner, part in {"playbook": schema, **schema["definitions"]}.items()
        for name, field in part.get("properties", {}).items()
        if "description" not in field and name != "kind" and "const" not in field
    ]
    assert bare == []


@each
def test_the_outline_shows_every_step_and_where_it_leads(path: Path) -> None:
    playbook = read(path)
    text = outline(playbook)
    assert all(step.title in text for step in playbook.steps)
    assert all(
        f"{branch.next}" in text
        for step in playbook.steps
        if isinstance(step, Decide)
        for branch in step.branches
    )
    assert re.search(r"^\d+\. \*\*", text, re.MULTILINE)


def test_scripted_runs_wait_where_an_answer_is_missing() -> None:
    answers = dict(ANSWERS["upgrade-failed"][0])
    del answers["known"]
    run = run_script(read(SHIPPED / "upgrade-failed.yaml"), answers, {}, context=context())
    assert run.waiting == "known has no answer. add known: to the answers"
    assert run.view.current is not None and run.view.current.id == "known"
