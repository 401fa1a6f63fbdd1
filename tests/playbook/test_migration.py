"""The file changes while a run is under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.playbook.world import END, HEAD, Bench
from triage.model.errors import Invalid
from triage.playbook.language.plan import Plan
from triage.playbook.lint.load import load_text
from triage.playbook.run import engine

STEPS = (
    "  - {id: one, kind: instruct, title: One}\n  - {id: two, kind: instruct, title: Two}\n"
    "  - {id: three, kind: note, title: Three, template: old}\n" + END
)
STOP = 'stop_when: [{if: "steps.one.ok", say: Stop., outcome: workaround}]\nmemory_items: [Calm.]\n'


def text_of(steps: str, head: str = STOP, version: int = 1) -> str:
    return HEAD.replace("version: 1", f"version: {version}") + head + "steps:\n" + steps


def bench() -> Bench:
    """A run past its first step and its stop rule."""
    text = text_of(STEPS)
    document, _ = load_text(text, "probe.yaml")
    assert document is not None
    made = Bench(document)
    made.answer("one")
    made.do(engine.resolve_panel, "continue", reason="seen")
    return made


def changed(made: Bench, text: str) -> Bench:
    document, found = load_text(text, "probe.yaml")
    assert document is not None, found
    made.context = replace(made.context, text_now="n" * 64, plan_now=Plan.of(document, "n" * 64))
    return made


def test_a_change_is_told_step_by_step_and_the_run_stays_on_its_text() -> None:
    new = STEPS.replace("template: old", "template: new").replace(
        END, "  - {id: four, kind: instruct, title: F}\n" + END
    )
    made = changed(bench(), text_of(new, version=2))
    change = made.view.change
    assert change is not None
    assert (change.version, change.added, change.removed, change.altered) == (2, ("four",), (), ("three",))
    assert change.can_migrate
    made.answer("two")
    assert made.view.current is not None
    assert made.view.current.template == "old"


def test_going_over_keeps_what_was_done_and_goes_on_in_the_new_text() -> None:
    text = text_of(STEPS.replace("template: old", "template: new"), version=2)
    made = changed(bench(), text)
    made.do(engine.migrate, text, "n" * 64)
    state = made.state
    assert (state.position, state.sha256, state.document.version) == ("two", "n" * 64, 2)
    assert [one.step_id for one in state.visited] == ["one"]
    assert (state.memory_acknowledged, state.panel) == (True, None)
    assert made.kinds[-1] == "run.migrated"
    made.answer("two")
    assert made.view.current is not None
    assert made.view.current.template == "new"


def test_other_memory_items_are_read_again_and_a_new_stop_rule_counts() -> None:
    text = text_of(
        STEPS, STOP.replace("Calm.", "Calm, and cold.").replace("steps.one.ok", "steps.one.ok == true")
    )
    made = changed(bench(), text)
    view = made.do(engine.migrate, text, "n" * 64)
    assert not view.memory_acknowledged
    assert view.panel is not None
    assert view.panel.kind == "stop"


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (STEPS.replace("id: one", "id: uno"), "'one' was done and is no longer there"),
        (
            STEPS.replace("{id: one, kind: instruct", "{id: one, kind: checklist, items: [a, b]"),
            "is of kind checklist",
        ),
        (STEPS.replace("id: two", "id: due"), "'two' is in hand and is no longer there"),
    ],
)
def test_a_run_stays_where_what_was_done_is_no_longer_there(steps: str, why: str) -> None:
    head = STOP.replace("steps.one.ok", "vars.x == 'y'").replace("memory", "vars: {x: {default: a}}\nmemory")
    text = text_of(steps, head)
    made = changed(bench(), text)
    change = made.view.change
    assert change is not None
    assert why in change.why_not
    before = len(made.entries)
    with pytest.raises(Invalid, match="stays on its text"):
        made.do(engine.migrate, text, "n" * 64)
    assert len(made.entries) == before


def test_not_while_a_decision_is_open_and_not_without_a_change() -> None:
    made = changed(bench(), text_of(STEPS, version=2))
    made.answer("two", False)
    assert made.view.change is not None
    assert "a decision is open" in made.view.change.why_not
    with pytest.raises(Invalid, match="has not changed"):
        bench().do(engine.migrate, "", "n" * 64)
