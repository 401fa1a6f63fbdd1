"""Answers from a file."""

from __future__ import annotations

import pytest

from tests.playbook.world import END, NOW, context, document
from triage.model.errors import Invalid
from triage.playbook.language.plan import Plan
from triage.playbook.run.script import read_answers, run_script

STEPS = (
    "  - {id: pick, kind: ask, title: Pick, type: choice, save_as: pick, options: [{value: x}, {value: y}]}\n"
    "  - {id: look, kind: check, title: Look, run: [look], effect: read_only, manual: m}\n" + END
)


def test_an_unknown_step_is_named_at_its_line_with_the_one_that_was_meant() -> None:
    with pytest.raises(Invalid) as caught:
        read_answers("look: true\npikc: x\n", "a.yaml", Plan.of(document(STEPS)), NOW)
    assert str(caught.value) == "a.yaml:2:1: no step 'pikc' in probe. did you mean 'pick'?"


@pytest.mark.parametrize("text", ["", "- a", "pick: &a x", "pick: x\npick: y", "pick: [", "7"])
def test_a_bad_answers_file_is_one_line(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_answers(text, "a.yaml", Plan.of(document(STEPS)), NOW)
    assert str(caught.value).startswith("a.yaml:")
    assert "\n" not in str(caught.value)


def test_answers_as_typed_are_taken() -> None:
    playbook = document(STEPS)
    answers = read_answers(
        "pick: 2\nlook: {ok: yes, saw: fine}\ndone: true\n", "a.yaml", Plan.of(playbook), NOW
    )
    run = run_script(playbook, answers, context=context())
    assert (run.path, run.view.outcome, run.view.variables["pick"]) == (
        ("pick", "look", "done"),
        "resolved",
        "y",
    )


def test_a_failed_check_takes_the_decision_written_with_it() -> None:
    playbook = document(STEPS)
    answers = {
        "pick": "x",
        "done": True,
        "look": {"ok": False, "saw": "red", "then": "go:done", "reason": "known"},
    }
    run = run_script(playbook, answers, context=context())
    assert run.path == ("pick", "look", "done")
    assert run.view.results["look"]["ok"] is False  # type: ignore[index, call-overload]
    waiting = run_script(playbook, {**answers, "look": {"ok": False}}, context=context())
    assert waiting.waiting.startswith("look needs a decision")
    with pytest.raises(Invalid, match="cannot be scripted"):
        run_script(playbook, {**answers, "look": {"ok": False, "then": "retry"}}, context=context())


def test_results_are_judged_by_the_step_and_skips_are_written_plainly() -> None:
    playbook = document(STEPS)
    run = run_script(
        playbook, {"pick": None, "done": True}, {"look": {"exit": 0, "out": "x"}}, context=context()
    )
    assert run.view.results["look"]["ok"] is True  # type: ignore[index, call-overload]
    skipped = run_script(
        playbook, {"pick": "x", "look": {"skip": "no access"}, "done": True}, context=context()
    )
    assert skipped.state.visited[1].reason == "no access"


def test_an_answer_for_a_step_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid, match="did you mean 'look'"):
        run_script(document(STEPS), {"loko": 1}, context=context())
