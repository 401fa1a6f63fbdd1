"""The engine: where a run goes, what it keeps, and what it never does by itself."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.playbook.world import END, HEAD, NOW, Bench, context, document, facts
from triage.model.entry import Entry
from triage.model.errors import Invalid, NeedsInput, Refused, TriageError
from triage.playbook.run import engine
from triage.playbook.run.command import MASK, command_of
from triage.playbook.run.output import CaptureResult

ASK = "  - {id: pick, kind: ask, title: Pick, type: choice, save_as: pick, options: [{value: x, label: Ex, next: far}, {value: y}, {value: '1'}]}\n"
STEPS = (
    ASK
    + "  - {id: near, kind: instruct, title: Near, when: vars.pick == 'y'}\n"
    + "  - {id: look, kind: check, title: Look, run: [look], effect: read_only, manual: m, on_fail: far, expect: {stdout_matches: good}, capture: {n: 'n=(\\d+)'}}\n"
    + "  - {id: far, kind: instruct, title: Far}\n"
    + END
)
CHECK = (
    "  - {{id: look, kind: check, title: Look, run: [look], effect: {effect}, undo: put it back, confirm: {confirm}, manual: m}}\n"
    + END.replace("{", "{{").replace("}", "}}")
)


def said(out: str = "", exit_code: int | None = 0, **more: Any) -> CaptureResult:
    return CaptureResult(NOW, NOW, exit_code, out, size=len(out), sha256="b" * 64, **more)


def ran(bench: Bench, result: CaptureResult, step: str = "look") -> None:
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    bench.do(engine.command_started, step, shown.command.digest)
    bench.do(engine.command_finished, step, result)


@pytest.mark.parametrize("value", ["y", "Y", 2, "2"])
def test_an_option_is_named_by_number_value_or_label(value: Any) -> None:
    bench = Bench(document(STEPS))
    bench.answer("pick", value)
    assert bench.view.variables["pick"] == "y"
    assert bench.here == "near"


def test_a_value_wins_over_a_number_and_a_label_counts() -> None:
    bench = Bench(document(STEPS))
    assert bench.answer("pick", "1").variables["pick"] == "1"
    assert Bench(document(STEPS)).answer("pick", "ex").variables["pick"] == "x"


@pytest.mark.parametrize("value", ["z", 0, 4, -1, True, "", ["x"], {"a": 1}])
def test_an_answer_that_fits_no_option_is_refused_and_nothing_is_written(value: Any) -> None:
    bench = Bench(document(STEPS))
    before = len(bench.entries)
    with pytest.raises(Invalid):
        bench.answer("pick", value)
    assert len(bench.entries) == before


def test_an_option_leads_where_it_says_and_the_rest_goes_on() -> None:
    bench = Bench(document(STEPS))
    assert bench.answer("pick", "x").current.id == "far"  # type: ignore[union-attr]


def test_a_step_that_does_not_apply_is_passed_and_is_not_skipped() -> None:
    bench = Bench(document(STEPS))
    view = bench.answer("pick", "1")
    marks = {line.step_id: line.mark for line in view.lines}
    assert marks["near"] == "not_applicable"
    assert view.done == 1
    assert "step.not_applicable" in bench.kinds
    assert "step.skipped" not in bench.kinds


def test_an_unknown_condition_asks_and_names_what_is_missing() -> None:
    bench = Bench(document(STEPS))
    view = bench.do(engine.answer_unknown, "pick")
    assert view.panel is not None
    assert (view.panel.kind, view.panel.step_id) == ("unknown", "near")
    assert "vars.pick" in view.panel.say
    assert [one.value for one in view.panel.choices] == ["continue", "skip", "stop"]
    assert bench.do(engine.resolve_panel, "continue").current.id == "near"  # type: ignore[union-attr]


def test_setting_the_missing_value_settles_the_unknown_condition() -> None:
    bench = Bench(document(STEPS))
    bench.do(engine.answer_unknown, "pick")
    assert bench.do(engine.set_variable, "pick", "x").current.id == "look"  # type: ignore[union-attr]


def test_only_the_step_in_hand_can_be_answered() -> None:
    bench = Bench(document(STEPS))
    with pytest.raises(Invalid, match=r"'far' is not the step in hand\. it is 'pick'"):
        bench.answer("far")
    with pytest.raises(TriageError, match=r"did you mean 'pick'"):
        bench.answer("pikc")


def test_memory_items_are_read_before_the_first_answer() -> None:
    bench = Bench.__new__(Bench)
    bench.context, bench.entries = context(), []
    bench.playbook = document(END, "memory_items: [Stop.]\n")
    bench.add(engine.open_run("r1", bench.playbook, "", "a" * 64, bench.context))
    assert bench.view.memory_acknowledged is False
    with pytest.raises(NeedsInput):
        bench.answer("done")
    bench.do(engine.acknowledge_memory)
    assert bench.answer("done").status == "ended"


# --- commands ---------------------------------------------------------------------------------------


def at_look(**changes: Any) -> Bench:
    bench = Bench(document(STEPS), **changes)
    bench.answer("pick", "1")
    return bench


def test_a_pass_goes_on_and_keeps_output_values_and_evidence() -> None:
    bench = at_look()
    ran(bench, said("good n=42"))
    assert bench.here == "far"
    assert bench.view.results["look"] == {
        "out": "good n=42",
        "n": "42",
        "exit": 0,
        "ok": True,
        "state": "done",
    }
    assert [item.kind for item in bench.view.evidence] == ["output"]


def test_a_clear_fail_follows_on_fail_and_stays_a_fail() -> None:
    bench = at_look()
    ran(bench, said("bad"))
    assert bench.here == "far"
    assert bench.view.results["look"]["ok"] is False  # type: ignore[index, call-overload]
    assert {line.step_id: line.mark for line in bench.view.lines}["look"] == "failed"


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (said("good", None, timed_out=True), "timed_out"), (said("", None, cancelled=True), "interrupted"),
        (said("", None, problem="no such file"), "failed"), (said("\0", 0, binary=True), "unknown"),
    ],
)  # fmt: skip
def test_no_abnormal_end_takes_the_fail_branch_by_itself(result: CaptureResult, kind: str) -> None:
    bench = at_look()
    ran(bench, result)
    panel = bench.view.panel
    assert panel is not None
    assert panel.kind == kind
    assert bench.here == "look"
    assert bench.state.results.get("look", {}).get("ok") is None
    assert [one.value for one in panel.choices][:3] == ["retry", "record", "go:far"]


def test_a_run_full_of_output_keeps_only_size_and_hash_of_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.playbook.run.command_run.OUTPUTS_A_RUN", 1)
    bench = at_look()
    ran(bench, said("bad output"))
    assert bench.entries[-2].data["text"] == "bad output"
    bench.do(engine.back)
    ran(bench, said("even more"))
    last = bench.entries[-2]
    assert (last.kind, last.data["text"], last.data["size"]) == ("evidence.added", "", 9)


def test_a_panel_must_be_decided_before_anything_else() -> None:
    bench = at_look()
    ran(bench, said("", None, timed_out=True))
    with pytest.raises(NeedsInput, match="decide first: retry"):
        bench.do(engine.command_started, "look", "x")
    with pytest.raises(NeedsInput, match="say why"):
        bench.do(engine.resolve_panel, "go:far")
    with pytest.raises(Invalid, match="not a choice"):
        bench.do(engine.resolve_panel, "go:pick")
    bench.do(engine.resolve_panel, "retry")
    ran(bench, said("good"))
    assert [entry.data["attempt"] for entry in bench.entries if entry.kind == "step.started"] == [1, 2]


def test_a_panel_can_be_left_by_record_skip_and_stop() -> None:
    for leave, want in (
        (lambda b: b.do(engine.record_by_hand, "look", True, "saw it"), "far"),
        (lambda b: b.do(engine.resolve_panel, "skip", reason="no access"), "far"),
        (lambda b: b.do(engine.resolve_panel, "go:done", reason="obvious"), "done"),
        (lambda b: b.do(engine.resolve_panel, "stop"), ""),
    ):
        bench = at_look()
        ran(bench, said("", None, timed_out=True))
        leave(bench)
        assert bench.here == want
        assert bench.view.panel is None


def test_a_command_whose_end_was_not_seen_is_interrupted_and_never_run_again_by_itself() -> None:
    bench = at_look()
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    bench.do(engine.command_started, "look", shown.command.digest)
    count = len(bench.entries)
    panel = bench.view.panel
    assert panel is not None
    assert (panel.kind, panel.choices[0].value) == ("interrupted", "retry")
    assert len(bench.entries) == count
    for verb, args in ((engine.command_started, ("look", shown.command.digest)), (engine.back, ())):
        with pytest.raises((NeedsInput, Invalid)):
            bench.do(verb, *args)
    bench.do(engine.resolve_panel, "retry")
    assert "step.interrupted" in bench.kinds
    assert bench.state.running is None
    assert bench.view.panel is None


def test_while_the_command_runs_here_there_is_no_panel() -> None:
    bench = at_look(live=True)
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    view = bench.do(engine.command_started, "look", shown.command.digest)
    assert view.panel is None
    assert view.current is not None and view.current.running


def test_repeating_a_change_after_an_interruption_is_not_offered_first() -> None:
    bench = Bench(document(CHECK.format(effect="changes", confirm="ask")))
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    bench.do(engine.command_started, "look", shown.command.digest)
    panel = bench.view.panel
    assert panel is not None
    assert [one.value for one in panel.choices][:2] == ["record", "retry"]


@pytest.mark.parametrize(
    ("trust", "effect", "runs"),
    [
        ("none", "read_only", False), ("read", "read_only", True), ("shipped", "read_only", True),
        ("read", "changes", False), ("shipped", "changes", False), ("run", "changes", True),
        ("run", "destructive", True), ("read", "destructive", False),
    ],
)  # fmt: skip
def test_trust_decides_what_may_run(trust: str, effect: str, runs: bool) -> None:
    bench = Bench(document(CHECK.format(effect=effect, confirm="typed")), trust=trust)
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.runnable is runs
    assert bool(shown.command.why_not) is not runs
    if not runs:
        with pytest.raises(Refused):
            bench.do(engine.command_started, "look", shown.command.digest, typed="look")


def test_a_destructive_command_needs_its_name_typed() -> None:
    bench = Bench(document(CHECK.format(effect="destructive", confirm="typed")))
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.confirm == "typed"
    with pytest.raises(NeedsInput):
        bench.do(engine.command_started, "look", shown.command.digest)
    bench.do(engine.command_started, "look", shown.command.digest, typed="look")


def test_a_destructive_command_is_typed_whatever_its_file_says() -> None:
    playbook = document(CHECK.format(effect="destructive", confirm="typed"))
    lax = playbook.steps[0].model_copy(update={"confirm": "none"})
    bench = Bench(playbook.model_copy(update={"steps": (lax, *playbook.steps[1:])}))
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.confirm == "typed"


def test_confirm_none_asks_once_in_a_run_and_only_for_reading() -> None:
    bench = Bench(document(CHECK.format(effect="read_only", confirm="none")))
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.confirm == "ask"
    ran(bench, said("", 1))
    bench.do(engine.resolve_panel, "retry")
    again = bench.view.current
    assert again is not None and again.command is not None
    assert again.command.confirm == "none"


VARS = "vars: {host: {prompt: 'Which host?', pattern: '[a-z.-]+'}, token: {type: secret, from: env.TOKEN}}\n"
WITH_ENV = (
    "  - {id: look, kind: check, title: Look, run: [look, $HOST_NAME], env: {HOST_NAME: '{{ vars.host }}', TOKEN: '{{ vars.token }}'}, effect: read_only, manual: m}\n"
    + END
)


def test_a_variable_is_asked_for_before_the_step_that_needs_it() -> None:
    bench = Bench(document(WITH_ENV, VARS))
    shown = bench.view.current
    assert shown is not None
    assert (shown.id, shown.kind, shown.title) == ("vars.host", "ask", "Which host?")
    with pytest.raises(Invalid):
        bench.answer("vars.host", "Not A Host")
    assert bench.answer("vars.host", "a.example").current.id == "look"  # type: ignore[union-attr]


def test_an_unknown_variable_is_asked_once_and_then_missing() -> None:
    bench = Bench(document(WITH_ENV, VARS))
    shown = bench.answer("vars.host", "unknown").current
    assert shown is not None and shown.command is not None
    assert shown.command.why_not == "not known: vars.host, vars.token"
    assert bench.answer("look", {"ok": True, "saw": "fine"}).current.id == "done"  # type: ignore[union-attr]


def test_a_secret_is_masked_and_never_written_down() -> None:
    bench = Bench(document(WITH_ENV, VARS), environment={"TOKEN": "hunter2-secret"})
    bench.answer("vars.host", "a.example")
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.env["TOKEN"] == MASK
    step = bench.state.step
    assert command_of(bench.state, step, bench.context).env["TOKEN"] == "hunter2-secret"  # type: ignore[arg-type]
    ran(bench, said("x"))
    assert "hunter2" not in repr(bench.entries) + repr(bench.view)
    with pytest.raises(Refused):
        engine.set_variable(bench.state, bench.context, "token", "x")
    with pytest.raises(Refused):
        engine.open_run("r2", bench.playbook, "", "a", bench.context, variables={"token": "x"})


def test_a_value_that_looks_like_an_option_is_refused_unless_dashes_stand_before_it() -> None:
    for run, runnable in (("[look, $HOST_NAME]", False), ("[look, --, $HOST_NAME]", True)):
        bench = Bench(document(WITH_ENV.replace("[look, $HOST_NAME]", run), VARS), environment={"TOKEN": "t"})
        bench.answer("vars.host", "-rf")
        shown = bench.view.current
        assert shown is not None and shown.command is not None
        assert shown.command.runnable is runnable
        assert shown.command.argv[-1] == "-rf" or not runnable


def test_consent_is_for_the_very_command_that_was_shown() -> None:
    bench = Bench(document(WITH_ENV, VARS), environment={"TOKEN": "t"})
    bench.answer("vars.host", "a.example")
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    bench.do(engine.set_variable, "host", "b.example")
    with pytest.raises(Refused, match="no longer the one that was shown"):
        bench.do(engine.command_started, "look", shown.command.digest)


def test_a_program_that_is_not_here_is_done_by_hand() -> None:
    bench = at_look(has_program=lambda _: False)
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.why_not == "not installed here: look"
    assert shown.command.manual == "m"
    bench.answer("look", False)
    assert (bench.here, bench.state.visited[-1].by_hand) == ("far", True)


# --- deciding ---------------------------------------------------------------------------------------

DECIDE = (
    ASK.replace(", next: far", "")
    + "  - id: turn\n    kind: decide\n    title: Turn\n    branches:\n"
    + "      - {if: vars.pick == 'x', next: left, say: Go left}\n"
    + "      - {if: vars.pick == 'y', next: right}\n    otherwise: right\n"
    + "  - {id: left, kind: instruct, title: Left, next: done}\n  - {id: right, kind: instruct, title: Right}\n" + END
)  # fmt: skip


@pytest.mark.parametrize(("pick", "proposed"), [("x", "left"), ("y", "right"), ("1", "otherwise")])
def test_a_decide_proposes_the_first_branch_that_holds(pick: str, proposed: str) -> None:
    bench = Bench(document(DECIDE))
    shown = bench.answer("pick", pick).current
    assert shown is not None
    assert shown.proposed_branch == proposed
    assert bench.answer("turn").current.id == ("left" if pick == "x" else "right")  # type: ignore[union-attr]
    assert "step.overridden" not in bench.kinds


def test_a_decide_that_cannot_tell_says_why_and_wants_a_reason() -> None:
    bench = Bench(document(DECIDE))
    shown = bench.do(engine.answer_unknown, "pick").current
    assert shown is not None
    assert (shown.proposed_branch, shown.missing) == ("", ("vars.pick",))
    with pytest.raises(NeedsInput):
        bench.answer("turn")
    with pytest.raises(NeedsInput):
        bench.do(engine.decide, "turn", "left")
    bench.answer("turn", {"branch": "Go left", "reason": "I saw it"})
    assert bench.here == "left"


def test_another_branch_than_the_proposed_one_is_recorded_with_its_reason() -> None:
    bench = Bench(document(DECIDE))
    bench.answer("pick", "x")
    with pytest.raises(NeedsInput, match="lead to 'left'"):
        bench.do(engine.decide, "turn", "right")
    bench.do(engine.decide, "turn", "2", reason="tested it")
    override = next(entry for entry in bench.entries if entry.kind == "step.overridden")
    assert (override.data["proposed"], override.data["taken"], override.data["reason"]) == (
        "left",
        "right",
        "tested it",
    )
    assert bench.here == "right"


# --- leaving ----------------------------------------------------------------------------------------


def test_skipping_needs_one_of_the_reasons_and_words_where_they_count() -> None:
    bench = Bench(document("  - {id: a, kind: instruct, title: A, required: true}\n" + END))
    for reason, text in (("because", ""), ("other", ""), ("no access", "")):
        with pytest.raises((Invalid, NeedsInput)):
            bench.do(engine.skip, "a", reason, text)
    view = bench.do(engine.skip, "a", "3", "the vault is shut")
    assert view.lines[0].mark == "skipped"
    assert bench.state.visited[0].reason == "no access"
    with pytest.raises(Invalid):
        bench.do(engine.skip, "done", "no access")


def test_back_takes_the_last_result_and_its_values_away_but_keeps_them_in_the_log() -> None:
    bench = Bench(document(STEPS))
    bench.answer("pick", "1")
    count = len(bench.entries)
    view = bench.do(engine.back)
    assert view.current is not None and view.current.id == "pick"
    assert view.variables == {}
    assert view.done == 0
    assert len(bench.entries) == count + 1
    assert [one.step_id for one in bench.state.superseded] == ["pick", "near"]
    bench.answer("pick", "y")
    assert (bench.here, bench.view.variables) == ("near", {"pick": "y"})
    with pytest.raises(Invalid, match="first step"):
        bench.do(engine.back)
        bench.do(engine.back)


def test_going_back_over_a_change_says_how_to_undo_it() -> None:
    bench = Bench(document(CHECK.format(effect="changes", confirm="ask")))
    ran(bench, said("done"))
    assert "put it back" in bench.do(engine.back).notice


def test_a_parked_run_waits_and_remembers_when_to_remind() -> None:
    bench = Bench(document(STEPS))
    view = bench.do(engine.park, remind_at=NOW + timedelta(hours=2))
    assert (view.status, view.remind_at) == ("parked", NOW + timedelta(hours=2))
    with pytest.raises(Invalid, match="parked"):
        bench.answer("pick", "x")
    assert bench.do(engine.resume).status == "open"
    assert bench.answer("pick", "x").done == 1


def test_a_stopped_run_is_over_and_says_why() -> None:
    bench = Bench(document(STEPS))
    with pytest.raises(NeedsInput):
        bench.do(engine.stop, " ")
    view = bench.do(engine.stop, "wrong playbook")
    assert (view.status, view.outcome, view.summary, view.current) == (
        "stopped",
        "unresolved",
        "wrong playbook",
        None,
    )
    with pytest.raises(Invalid, match="over"):
        bench.answer("pick", "x")


STOP = "stop_when: [{if: vars.pick == 'x' and vars.n > 3, say: Stop now., outcome: handed_over}]\n"
STOPPING = (
    ASK.replace(", next: far", "")
    + "  - {id: n, kind: ask, title: N, type: number, save_as: n}\n"
    + "  - {id: last, kind: instruct, title: L}\n"
    + END
)


def test_a_stop_rule_is_looked_at_after_every_step() -> None:
    bench = Bench(document(STOPPING, STOP))
    assert bench.answer("pick", "x").panel is None
    panel = bench.answer("n", 4).panel
    assert panel is not None
    assert (panel.kind, panel.say, [one.value for one in panel.choices]) == (
        "stop",
        "Stop now.",
        ["stop", "continue"],
    )
    with pytest.raises(NeedsInput):
        bench.do(engine.resolve_panel, "continue")
    view = bench.do(engine.resolve_panel, "continue", reason="the owner said so")
    assert view.panel is None
    assert bench.answer("last").panel is None
    assert "stop.overridden" in bench.kinds


def test_a_stop_rule_cannot_be_skipped_past() -> None:
    bench = Bench(document(STOPPING, STOP))
    bench.answer("pick", "x")
    bench.answer("n", 9)
    for verb, args in ((engine.skip, ("last", "no access")), (engine.answer, ("last", True))):
        with pytest.raises(NeedsInput, match="decide first: stop, continue"):
            bench.do(verb, *args)


def test_stopping_by_a_rule_ends_the_run_as_the_rule_says() -> None:
    bench = Bench(document(STOPPING, STOP))
    bench.answer("pick", "x")
    bench.answer("n", 9)
    view = bench.do(engine.resolve_panel, "stop")
    assert (view.status, view.outcome) == ("stopped", "handed_over")


def test_a_stop_rule_that_can_no_longer_be_told_asks_and_one_that_still_can_waits() -> None:
    bench = Bench(document(STOPPING, STOP))
    assert bench.do(engine.answer_unknown, "pick").panel is None
    panel = bench.do(engine.answer_unknown, "n").panel
    assert panel is not None
    assert panel.kind == "stop"
    assert "Cannot tell" in panel.say
    bench2 = Bench(document(STOPPING, STOP))
    bench2.do(engine.answer_unknown, "pick")
    assert bench2.answer("n", 1).panel is None


# --- answers of each kind ---------------------------------------------------------------------------


def one(step: str, head: str = "", **changes: Any) -> Bench:
    return Bench(document(f"  - {step}\n" + END, head), **changes)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("type: text", " words ", "words"), ("type: text, min: 3, max: 5", "four", "four"), ("type: text", 7, "7"),
        ("type: number, min: 0, max: 9, unit: GB", "3 GB", 3), ("type: number", 1.5, 1.5), ("type: number", "-2", -2),
        ("type: bool", "no", False), ("type: bool", True, True), ("type: duration", "90m", "1h 30m"),
        ("type: contact", "Jun", "Jun"), ("type: datetime", "now", NOW.isoformat()),
        ("type: datetime", "2h ago", (NOW - timedelta(hours=2)).isoformat()),
        ("type: datetime", "2026-11-20T10:00:00+02:00", "2026-11-20T08:00:00+00:00"),
        ("type: datetime", "2026-11-20 10:00", "2026-11-20T10:00:00+00:00"),
        ("type: multi, options: [{value: a}, {value: b}, {value: c}]", "1, c", ["a", "c"]),
        ("type: multi, options: [{value: a}, {value: b}, {value: c}]", ["b", 1, "b"], ["b", "a"]),
    ],
)  # fmt: skip
def test_answers_are_kept_in_one_form(kind: str, value: Any, kept: Any) -> None:
    bench = one(f"{{id: q, kind: ask, title: Q, {kind}, save_as: v}}")
    assert bench.answer("q", value).variables["v"] == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("type: text", ""), ("type: text, min: 3", "ab"), ("type: text, pattern: '[a-z]+'", "A1"), ("type: text", ["a"]),
        ("type: number, max: 9", 10), ("type: number", "many"), ("type: number", True), ("type: number", "nan"),
        ("type: number", "inf"), ("type: bool", "maybe"), ("type: duration", "long"), ("type: datetime", "yesterday"),
        ("type: multi, options: [{value: a}, {value: b}]", ["a", "z"]), ("type: text", "x" * 20_001),
        ("type: choice, allow_unknown: false, options: [{value: a}, {value: b}]", None),
    ],
)  # fmt: skip
def test_an_answer_of_the_wrong_kind_is_one_clear_line(kind: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        one(f"{{id: q, kind: ask, title: Q, {kind}}}").answer("q", value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "unchecked"),
    [
        (True, 0),
        ("all", 0),
        ([1, 2], 0),
        ([2], 1),
        (["one, with comma"], 1),
        ([], 2),
        ("one, with comma", 1),
    ],
)
def test_a_checklist_takes_numbers_from_one_or_texts(value: Any, unchecked: int) -> None:
    bench = one("{id: c, kind: checklist, title: C, items: ['one, with comma', two]}")
    bench.answer("c", value)
    assert len(bench.view.results["c"]["unchecked"]) == unchecked  # type: ignore[index, call-overload, arg-type]


def test_a_required_checklist_is_checked_whole_or_skipped() -> None:
    bench = one("{id: c, kind: checklist, title: C, required: true, items: [a, b]}")
    with pytest.raises(Invalid, match="not checked: b"):
        bench.answer("c", [1])
    with pytest.raises(Invalid):
        bench.answer("c", [0, 1])


def test_a_step_that_could_not_be_done_opens_the_panel() -> None:
    panel = one("{id: a, kind: instruct, title: A}").answer("a", False).panel
    assert panel is not None
    assert panel.kind == "failed"


def test_evidence_is_counted_redacted_and_kept() -> None:
    bench = one("{id: e, kind: evidence, title: E, accept: [text, url], min: 2}")
    with pytest.raises(Invalid, match="2 pieces"):
        bench.answer("e", "one")
    with pytest.raises(Invalid, match="not accepted"):
        bench.answer("e", [{"kind": "file", "content": "/x"}, "b"])
    bench.answer(
        "e", ["Authorization: Bearer abcdefghijklmnop", {"kind": "url", "content": "https://x.example/a"}]
    )
    first, second = bench.view.evidence
    assert (first.kind, first.redactions, second.kind) == ("text", 1, "url")
    assert "abcdefghijklmnop" not in repr(bench.entries)


def test_evidence_kept_elsewhere_comes_by_its_id() -> None:
    bench = one("{id: e, kind: evidence, title: E, accept: [file]}")
    bench.answer("e", {"kind": "file", "id": "ev1", "summary": "trace", "sha256": "c" * 64, "size": 5})
    assert (bench.view.evidence[0].id, bench.view.evidence[0].size) == ("ev1", 5)


CAUSE = "{id: c, kind: root_cause, title: C, statement: 'It broke for {{ ticket.customer }}', category: k1, categories: [{value: k1, code: B1.1}, {value: k2, label: Kay}], evidence: [c]}"


@pytest.mark.parametrize(
    ("value", "category", "confidence", "code"),
    [
        (True, "k1", "medium", "B1.1"), ("kay", "k2", "medium", ""), (2, "k2", "medium", ""),
        ({"category": "1", "confidence": "high"}, "k1", "high", "B1.1"), ({"code": "B2.2"}, "k1", "medium", "B2.2"),
    ],
)  # fmt: skip
def test_a_cause_is_accepted_or_edited(value: Any, category: str, confidence: str, code: str) -> None:
    cause = one(CAUSE).answer("c", value).root_cause
    assert (cause["category"], cause["confidence"], cause["code"]) == (category, confidence, code)
    assert cause["statement"] == "It broke for Pemba Air"


@pytest.mark.parametrize("value", [{"categry": "k1"}, {"confidence": "sure"}, "k9", {"statement": " "}])
def test_a_bad_cause_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        one(CAUSE).answer("c", value)


def test_a_draft_with_a_gap_cannot_be_accepted_as_it_is() -> None:
    bench = one("{id: d, kind: draft_reply, title: D, template: 'Hello {{ ticket.assignee }}'}")
    shown = bench.view.current
    assert shown is not None
    assert shown.template == "Hello [missing: ticket.assignee]"
    with pytest.raises(Invalid, match=r"ticket\.assignee is not filled in"):
        bench.answer("d")
    assert bench.answer("d", "Hello Jun").drafts == {"d": "Hello Jun"}


def test_a_handover_carries_summary_evidence_and_open_questions() -> None:
    steps = (
        "  - {id: q, kind: ask, title: Since when, type: text}\n  - {id: e, kind: evidence, title: E}\n  - {id: h, kind: handover, title: H, to: team, reason: Because.}\n"
        + END
    )
    bench = Bench(document(steps))
    bench.do(engine.answer_unknown, "q")
    bench.answer("e", "a trace")
    text = bench.answer("h").drafts["h"]
    assert text.startswith("To: team\n\nBecause.")
    assert "Since when: not known" in text
    assert "a trace (text" in text
    assert "Not known:\n- Since when" in text


def test_two_people_confirm_by_typing_the_step() -> None:
    step = "{id: c, kind: checklist, title: C, two_person: true, items: [a, b]}"
    with pytest.raises(NeedsInput, match="second person"):
        one(step).answer("c")
    bench = one(step)
    bench.do(engine.set_people, navigator="jun")
    with pytest.raises(NeedsInput, match="types 'c'"):
        bench.answer("c", True, typed="x")
    assert bench.answer("c", {"value": True, "typed": "c"}).done == 1
    alone = one(step, hooks={"allow_alone": True})
    assert alone.answer("c", True, typed="c").done == 1


def test_a_wait_is_due_from_the_moment_it_came_into_hand() -> None:
    bench = one("{id: w, kind: wait, title: W, for: 15m}")
    shown = bench.view.current
    assert shown is not None
    assert shown.due == NOW + timedelta(minutes=15)
    bench.answer("w")
    assert bench.view.results["w"]["early"] is True  # type: ignore[index, call-overload]


def test_an_end_gives_the_outcome_and_the_summary() -> None:
    steps = (
        ASK.replace(", next: far", "")
        + "  - {id: done, kind: end, title: D, outcome: workaround, summary: 'Picked {{ vars.pick }}'}\n"
    )
    bench = Bench(document(steps))
    bench.answer("pick", "y")
    view = bench.answer("done")
    assert (view.status, view.outcome, view.summary, view.current) == (
        "ended",
        "workaround",
        "Picked y",
        None,
    )


# --- the log ----------------------------------------------------------------------------------------


def test_a_run_folds_from_its_own_text_whatever_the_ticket_says_now() -> None:
    text = HEAD + "steps:\n" + STEPS
    bench = Bench.__new__(Bench)
    bench.context, bench.entries, bench.playbook = context(), [], None  # type: ignore[assignment]
    bench.add(engine.open_run("r1", document(STEPS), text, "a" * 64, bench.context, origin="/x/probe.yaml"))
    bench.answer("pick", "y")
    state = engine.fold(bench.entries)
    assert (state.position, state.sha256, state.origin) == ("near", "a" * 64, "/x/probe.yaml")
    later = context(facts=facts("Other", priority="low"), trust="none", text_now="b" * 64)
    view = engine.view(state, later)
    assert view.changed
    assert view.current is not None and view.current.id == "near"


def test_every_prefix_of_a_log_folds_and_shows() -> None:
    bench = Bench(document(STEPS))
    bench.do(engine.answer_unknown, "pick")
    bench.do(engine.resolve_panel, "skip", reason="not applicable")
    ran(bench, said("", None, timed_out=True))
    bench.do(engine.resolve_panel, "retry")
    bench.do(engine.back)
    bench.do(engine.skip, bench.here, "other", "because")
    bench.answer("look", True)
    bench.answer("far")
    bench.answer("done")
    for count in range(1, len(bench.entries) + 1):
        state = engine.fold(bench.entries[:count], bench.playbook)
        engine.view(state, bench.context)
    assert bench.view.status == "ended"


def test_unknown_kinds_of_entries_change_nothing() -> None:
    bench = Bench(document(STEPS))
    before = bench.state
    bench.entries.append(
        Entry("999999", "7", "run", "r1", "step.dreamt", NOW, "x", "driver", data={"step": "far"})
    )
    assert engine.fold(bench.entries, bench.playbook) == before


def test_a_run_without_its_opening_is_said_so() -> None:
    with pytest.raises(Invalid, match="no opening entry"):
        engine.fold([])
    entry = Entry(
        "1", "7", "run", "r1", "run.opened", NOW, "x", "driver", data={"text": "not: one", "sha256": "a"}
    )
    with pytest.raises(Invalid, match="cannot be read by this version"):
        engine.fold([entry])


def test_variables_come_from_the_caller_then_from_where_the_file_says() -> None:
    head = "vars: {a: {from: ticket.customer}, b: {from: config.url, pattern: 'https.*'}, c: {default: dee}, d: {type: number, from: env.D}}\n"
    steps = (
        "  - {id: n, kind: note, title: N, template: '{{ vars.a }} {{ vars.b }} {{ vars.c }} {{ vars.d }}'}\n"
        + END
    )
    bench = Bench(document(steps, head), hooks={"url": "ftp://x"}, environment={"D": "4"})
    shown = bench.view.current
    assert shown is not None
    assert shown.template == "Pemba Air [missing: vars.b] dee 4"
    opened = engine.open_run("r2", bench.playbook, "", "a", bench.context, variables={"a": "other"})
    assert opened[0].data["variables"]["a"] == "other"  # type: ignore[index, call-overload]
    with pytest.raises(Invalid, match="no variable 'aa'"):
        engine.open_run("r2", bench.playbook, "", "a", bench.context, variables={"aa": "x"})


def test_the_path_ahead_and_its_length_are_shown() -> None:
    bench = Bench(document(DECIDE))
    view = bench.view
    assert {line.step_id: line.mark for line in view.lines} == {
        "pick": "current", "turn": "ahead", "left": "elsewhere", "right": "ahead", "done": "ahead",
    }  # fmt: skip
    assert (view.done, view.path_length) == (0, 4)
    bench.answer("pick", "x")
    assert {line.step_id: line.mark for line in bench.view.lines}["left"] == "ahead"
    assert bench.view.path_length == 4


@pytest.mark.parametrize(
    "step",
    [
        "{id: s, kind: instruct, title: S}", "{id: s, kind: checklist, title: S, items: [a, b]}",
        "{id: s, kind: check, title: S, run: [x], effect: read_only, manual: m}", "{id: s, kind: wait, title: S, for: 1m}",
        "{id: s, kind: note, title: S, template: x}", CAUSE.replace("{id: c", "{id: s").replace("evidence: [c]", "evidence: [s]"),
        "{id: s, kind: evidence, title: S}", "{id: s, kind: handover, title: S, to: x, reason: y}",
        "{id: s, kind: decide, title: S, branches: [{if: ticket.priority == 'high', next: done}], otherwise: done}",
    ],
)  # fmt: skip
def test_saying_nothing_never_counts_as_done(step: str) -> None:
    bench = one(step)
    before = len(bench.entries)
    with pytest.raises(TriageError):
        bench.answer("s", None)
    assert len(bench.entries) == before


@pytest.mark.parametrize("value", ["²", "9" * 5000, "+1", "1.0"])
def test_odd_numbers_are_not_options(value: str) -> None:
    with pytest.raises(Invalid):
        Bench(document(STEPS)).answer("pick", value)


def test_an_option_called_unknown_is_an_option() -> None:
    bench = one(
        "{id: q, kind: ask, title: Q, type: choice, save_as: v, options: [{value: unknown}, {value: b}]}"
    )
    assert bench.answer("q", "unknown").variables["v"] == "unknown"
