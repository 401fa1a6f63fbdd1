"""Answers are looked at before a run begins, and a rehearsal does nothing."""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

import pytest

from tests.playbook.world import END, NOW, context, document
from triage.model.errors import Invalid
from triage.playbook.language.plan import Plan
from triage.playbook.run.rehearsal import rehearse
from triage.playbook.run.script import read_answers
from triage.playbook.run.unattended import missing_programs

HEAD = "vars: {speed: {type: number, prompt: s}, kind: {prompt: k, options: [{value: a}, {value: b}]}}\n"
STEPS = (
    "  - {id: pick, kind: ask, title: Pick, type: choice, save_as: pick, options: [{value: x}, {value: y}]}\n"
    "  - {id: count, kind: ask, title: Count, type: number, min: 1, max: 9, allow_unknown: false}\n"
    "  - {id: since, kind: ask, title: Since, type: datetime, save_as: since}\n"
    "  - {id: list, kind: checklist, title: List, items: [one, two]}\n"
    "  - {id: look, kind: check, title: Look at {{ x }}, run: [look, a], effect: read_only, manual: m, on_fail: bad}\n".replace(
        "{{ x }}", "it"
    )
    + "  - {id: script, kind: check, title: Script, run: 'echo $V', env: {V: '{{ vars.speed }}{{ vars.kind }}'}, effect: read_only, manual: m, needs: [jq]}\n"
    "  - {id: way, kind: decide, title: Way, branches: [{if: vars.pick == 'x', next: bad, say: Badly}], otherwise: cause}\n"
    "  - {id: cause, kind: root_cause, title: Cause, categories: [{value: rain}, {value: snow}], statement: S}\n"
    + END
    + "  - {id: bad, kind: end, title: Bad, outcome: unresolved}\n"
)


def read(text: str) -> object:
    return read_answers(text, "a.yaml", Plan.of(document(STEPS, HEAD)), NOW)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pick: z", "a.yaml:1:7: pick: 'z' is not one of"), ("pick: [x]", "is not one of"), ("count: many", "is not a number"), ("count: 10", "is not between 1 and 9"),
        ("count: unknown", "needs an answer"), ("since: soon", "is not a date"), ("list: [three]", "is not one of"), ("look: maybe", "neither yes nor no"),
        ("look: {ok: perhaps}", "neither yes nor no"), ("way: nowhere", "is not one of"), ("way: {branch: nowhere, reason: r}", "is not one of"), ("cause: hail", "is not one of"),
        ("vars.speed: fast", "is not a number"), ("vars.kind: c", "is not one of a, b"), ("vars.since: soon", "is not a date"), ("pick: {skip: because}", "is not one of"),
        ("run.stop: yes", "then: stop or then: continue"), ("done: ''", "in words is needed"), ("\npick: x\ncount: 0", "a.yaml:3:8"),
    ],
)  # fmt: skip
def test_an_answer_of_the_wrong_kind_is_told_at_its_place(text: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_form_of_a_good_answer_is_taken() -> None:
    read(
        "pick: unknown\ncount: {value: 3, typed: count}\nsince: 2h ago\nlist: all\nlook: {ok: false, saw: s, then: 'go:bad', reason: r}\n"
        "script: {skip: no access}\nway: {branch: Badly, reason: r}\ncause: {category: rain, confidence: low}\ndone: true\n"
        "vars.speed: 3\nvars.kind: null\nrun.stop: {then: continue, reason: r}\nrun.navigator: jun\n"
    )


def test_programs_that_are_not_installed_are_named_unless_answered_for() -> None:
    plan = Plan.of(document(STEPS, HEAD))
    without = context(has_program=lambda name: name == "bash")
    assert missing_programs(plan, {}, without) == ("look: look", "script: jq")
    assert missing_programs(plan, {"look": True}, without) == ("script: jq",)
    assert missing_programs(plan, {}, context()) == ()


def rehearsed(answers: dict[str, object]):  # type: ignore[no-untyped-def]
    return rehearse(
        document(STEPS, HEAD),
        answers,
        context(trust="none"),
        text="",
        sha256="a" * 64,
        includes={},
        variables={"speed": 3, "kind": "a"},
    )  # type: ignore[arg-type]


def test_a_rehearsal_stops_where_a_result_is_not_known_and_tells_what_can_come() -> None:
    found = rehearsed({"pick": "x", "count": 3, "since": "now"})
    assert (found.path, found.stands_at) == (("pick", "count", "since", "list"), "look")
    assert found.reachable == ("look", "script", "way", "cause", "done", "bad")
    assert [name for name, _ in found.commands] == ["look", "script"]
    assert found.commands[1][1].env == {"V": "3a"}


def test_with_every_answer_a_rehearsal_comes_to_its_end() -> None:
    found = rehearsed(
        {"pick": "y", "count": 3, "since": "now", "look": True, "script": True, "cause": "rain"}
    )
    assert (found.outcome, found.stands_at, found.reachable) == ("resolved", "", ())
