"""Why a run stands where it stands: what a failed check missed, why somebody went back, who stopped what."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

from typing import Any

import pytest

from tests.playbook.test_engine import at_look, ran, said
from tests.playbook.world import END, NOW, Bench, document
from triage.model.errors import Invalid
from triage.playbook.run import engine
from triage.playbook.run.expectation import judged
from triage.playbook.run.output import CaptureResult, HttpReply

CHECK = (
    "  - {{id: look, kind: check, title: Look, run: [look], effect: read_only, manual: m, expect: {{{0}}}}}\n"
    + END.replace("{", "{{").replace("}", "}}")
)
HTTP = (
    "  - {{id: look, kind: http, title: Look, url: 'https://a.example/', manual: m, expect: {{{0}}}}}\n"
    + END.replace("{", "{{").replace("}", "}}")
)


def reply(status: int | None = 200, out: str = "", **more: Any) -> HttpReply:
    return HttpReply(NOW, NOW, 0, out, status=status, **{"ms": 10, **more})


@pytest.mark.parametrize(
    ("steps", "result", "passed", "words"),
    [
        (CHECK.format("exit: [0, 2]"), said("", 2), True, ""),
        (CHECK.format("exit: [0, 2]"), said("", 1), False, "exit 1, wanted 0 or 2"),
        (CHECK.format("exit: [0, 1, 2, 3]"), said("", 9), False, "exit 9, wanted 0 or one of 3 others"),
        (CHECK.format("stdout_matches: good"), said("bad"), False, "the output does not match good"),
        (CHECK.format("stdout_not_matches: b.d"), said("bad"), False, "the output matches b.d"),
        (CHECK.format("json: [{path: a.b, equals: 1}]"), said('{"a": {"b": 2}}'), False, "a.b is 2, wanted 1"),
        (CHECK.format("json: [{path: a.c, equals: 1}]"), said('{"a": {"b": 2}}'), False, "there is no a.c, wanted 1"),
        (CHECK.format("json: [{path: a, equals: 1}]"), said("no json"), None, ""),
        (CHECK.format("stdout_matches: good"), said("", binary=True), None, ""),
        (HTTP.format("status: [200, 204]"), reply(503), False, "status 503, wanted 200 or 204"),
        (HTTP.format("status: [200]"), reply(None, fault="refused"), False, "refused"),
        (HTTP.format("max_ms: 5"), reply(), False, "it took 10 ms, wanted at most 5"),
        (HTTP.format("cert_days_min: 30"), reply(cert_days=2.6), False, "the certificate is good for 3 days, wanted 30"),
        (HTTP.format("cert_days_min: 30"), reply(), None, ""),
        (HTTP.format("body_matches: ready"), reply(out="starting"), False, "the body does not match ready"),
        (HTTP.format("body_matches: ready"), reply(out="ready"), True, ""),
    ],
)  # fmt: skip
def test_the_first_expectation_that_was_missed_is_named(
    steps: str, result: CaptureResult, passed: bool | None, words: str
) -> None:
    step: Any = document(steps).steps[0]
    assert judged(step, result) == (passed, words)


def test_the_step_a_failed_check_leads_to_says_why_the_run_is_there_and_a_later_one_does_not() -> None:
    bench = at_look()
    ran(bench, said("bad"))
    shown = bench.view.current
    assert shown is not None
    assert shown.because == "Here because “Look” failed: the output does not match good"
    line = next(one for one in bench.view.lines if one.step_id == "look")
    assert line.reason == "the output does not match good"
    later = bench.answer("far").current
    assert later is not None
    assert later.because == ""


def test_a_check_that_passed_turns_nothing() -> None:
    bench = at_look()
    ran(bench, said("good"))
    shown = bench.view.current
    assert shown is not None
    assert shown.because == ""
    assert not [one.reason for one in bench.view.lines if one.reason]


def test_a_look_by_hand_that_was_not_good_turns_with_the_words_of_the_person() -> None:
    bench = at_look()
    shown = bench.do(engine.record_by_hand, "look", False, "\n The lamp is off.\nAnd cold.").current
    assert shown is not None
    assert shown.because == "Here because “Look” failed: The lamp is off."


def test_a_failed_check_with_no_way_says_on_its_panel_what_it_missed() -> None:
    bench = Bench(document(CHECK.format("exit: [0]")))
    ran(bench, said("", 7))
    panel = bench.view.panel
    assert panel is not None
    assert panel.say == "Not what was hoped for: exit 7, wanted 0"


def test_who_leaves_a_panel_by_another_way_says_why_the_run_turned() -> None:
    bench = at_look()
    ran(bench, said("", None, timed_out=True))
    shown = bench.do(engine.resolve_panel, "go:done", reason="seen it last week").current
    assert shown is not None
    assert shown.because == "Here because “Look” came to no result: seen it last week"


def test_a_jump_is_one_entry_with_its_reason_and_stands_in_the_record() -> None:
    bench = at_look()
    ran(bench, said("bad"))
    view = bench.do(engine.back, "pick", " the answer was wrong ")
    assert bench.here == "pick"
    assert [entry.data["reason"] for entry in bench.entries if entry.kind == "run.back"] == [
        "the answer was wrong"
    ]
    assert [(one.title, one.reason) for one in view.ways_back] == [("Pick", "the answer was wrong")]
    assert view.done == 0


def test_only_a_worked_step_can_be_jumped_to() -> None:
    bench = at_look()
    for name in ("near", "far", "look", "nowhere"):
        with pytest.raises(Invalid, match="only a step that was worked"):
            bench.do(engine.back, name)


def test_the_hand_over_tells_why_a_check_failed_and_why_somebody_went_back() -> None:
    hand = "  - {id: over, kind: handover, title: Over, to: Them, reason: Because., include: [summary]}\n"
    steps = "  - {id: pick, kind: ask, title: Pick, type: text}\n" + CHECK.format("exit: [0]").replace(
        "expect:", "on_fail: over, expect:"
    ).replace(END, hand + END)
    bench = Bench(document(steps))
    bench.answer("pick", "x")
    bench.do(engine.back, "pick", "it was the other one")
    bench.answer("pick", "y")
    ran(bench, said("", 7))
    shown = bench.view.current
    assert shown is not None
    assert "- Look: not as hoped (exit 7, wanted 0)" in shown.template
    assert "- went back to Pick: it was the other one" in shown.template


def test_a_command_that_a_person_stopped_says_so_when_it_is_resumed_too() -> None:
    bench = at_look()
    ran(bench, said("so far", None, cancelled=True))
    want = "mara stopped it at 03:00 UTC, before it was done."
    panel = bench.view.panel
    assert panel is not None
    assert (panel.kind, panel.say) == ("interrupted", want)
    bench.do(engine.park)
    panel = bench.do(engine.resume).panel
    assert panel is not None
    assert panel.say == want
