"""Do-confirm: worked from memory, confirmed on one screen."""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

import pytest

from tests.playbook.world import END, Bench, document
from triage.model.errors import Invalid, NeedsInput
from triage.playbook.run import engine

HEAD = (
    "mode: do-confirm\n"
    "stop_when: [{if: 'steps.two.ok and len(steps.two.unchecked) == 0', say: Enough., outcome: workaround}]\n"
)
STEPS = (
    "  - {id: one, kind: instruct, title: One}\n"
    "  - {id: never, kind: instruct, title: Never, when: steps.one.ok == false}\n"
    "  - {id: two, kind: checklist, title: Two, items: [a, b]}\n"
    "  - {id: three, kind: instruct, title: Three}\n"
    "  - {id: pick, kind: ask, title: Pick, type: bool}\n"
    "  - {id: last, kind: instruct, title: Last}\n" + END
)


def names(bench: Bench) -> tuple[str, ...]:
    shown = bench.view.current
    assert shown is not None
    return tuple(one.id for one in shown.together)


def test_steps_in_a_row_stand_on_one_screen_up_to_the_next_question() -> None:
    bench = Bench(document(STEPS.replace("when: steps.one.ok == false", "when: 'false'"), HEAD))
    assert names(bench) == ("one", "two", "three")
    assert [line.step_id for line in bench.view.lines if line.mark == "current"] == ["one"]


def test_a_condition_on_what_is_not_done_yet_ends_the_screen() -> None:
    assert names(Bench(document(STEPS, HEAD))) == ("one",)


def test_they_are_confirmed_together_and_the_run_goes_on_behind_them() -> None:
    bench = Bench(document(STEPS.replace("when: steps.one.ok == false", "when: 'false'"), HEAD))
    bench.do(engine.confirm, {"one": True, "two": [1], "three": True})
    assert bench.here == "pick"
    assert bench.state.results["two"]["unchecked"] == ["b"]
    assert names(bench) == ()


def test_it_goes_as_far_as_it_is_confirmed() -> None:
    bench = Bench(document(STEPS.replace("when: steps.one.ok == false", "when: 'false'"), HEAD))
    bench.do(engine.confirm, {"one": True})
    assert (bench.here, names(bench)) == ("two", ("two", "three"))
    with pytest.raises(NeedsInput, match="not confirmed"):
        bench.do(engine.confirm, {"three": True})
    with pytest.raises(Invalid, match="not confirmed here"):
        bench.do(engine.confirm, {"two": True, "last": True})


def test_a_stop_rule_counts_between_them() -> None:
    bench = Bench(document(STEPS.replace("when: steps.one.ok == false", "when: 'false'"), HEAD))
    view = bench.do(engine.confirm, {"one": True, "two": "all", "three": True})
    assert view.panel is not None
    assert (view.panel.kind, bench.here) == ("stop", "three")


def test_one_that_could_not_be_done_opens_its_panel_and_the_rest_waits() -> None:
    bench = Bench(document(STEPS.replace("when: steps.one.ok == false", "when: 'false'"), HEAD))
    view = bench.do(engine.confirm, {"one": False, "two": "all"})
    assert view.panel is not None
    assert (view.panel.kind, bench.here, names(bench)) == ("failed", "one", ())


def test_a_step_for_two_people_and_read_do_stand_alone() -> None:
    two = (
        "  - {id: one, kind: instruct, title: One}\n  - {id: two, kind: instruct, title: Two, two_person: true}\n"
        + END
    )
    assert names(Bench(document(two, "mode: do-confirm\n"))) == ("one",)
    assert names(Bench(document(STEPS))) == ()
