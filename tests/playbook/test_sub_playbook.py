"""A playbook inside a playbook: one log, names of its own, trust of its own."""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, NOW, Bench, context, document, facts
from triage.model.errors import Invalid, NeedsInput
from triage.playbook.language.plan import Include, Plan
from triage.playbook.lint.load import load_text
from triage.playbook.run import engine
from triage.playbook.run.command import MASK, command_of
from triage.playbook.run.opening import PinnedText
from triage.playbook.run.output import CaptureResult
from triage.playbook.run.script import run_script
from triage.playbook.shelf.lint import lint_paths
from triage.playbook.trial.explore import UsedPlaybooks, explore

NET_VARS = """vars:
  host: {prompt: Which host?, pattern: "[a-z.]+"}
  speed: {type: number, default: 3}
  token: {type: secret}
  found: {}
memory_items: [Touch nothing.]
stop_when: [{if: "vars.seen == 'fire'", say: Leave the house., outcome: handed_over}]
"""
NET_STEPS = (
    "  - {id: seen, kind: ask, title: What is seen, type: text, save_as: seen}\n"
    "  - {id: cert, kind: check, title: Look at it, run: [look, $HOST], env: {HOST: '{{ vars.host }}', TOKEN: '{{ vars.token }}'}, effect: read_only, manual: m}\n"
    "  - {id: way, kind: decide, title: Which way, branches: [{if: steps.cert.ok, next: good}], otherwise: bad}\n"
    "  - {id: good, kind: end, title: Good, outcome: resolved}\n"
    "  - {id: bad, kind: end, title: Bad, outcome: unresolved}\n"
)
OUTER_VARS = (
    "vars: {server: {prompt: Which server?}, key: {type: secret, from: env.KEY}, seen: {default: outside}}\n"
)
OUTER = (
    "  - {id: first, kind: instruct, title: First}\n"
    "  - {id: net, kind: playbook, title: Look at the network, use: net, with: {host: '{{ vars.server }}', speed: 7, token: '{{ vars.key }}'}, returns: {seen: what_seen, speed: fast}}\n"
    "  - {id: after, kind: note, title: Note, template: 'It was {{ steps.net.outcome }}, {{ vars.what_seen }}, {{ vars.seen }}'}\n"
    + END
)


def text_of(name: str, steps: str, head: str = "") -> str:
    return HEAD.replace("id: probe", f"id: {name}") + head + "steps:\n" + steps


NET = PinnedText(text_of("net", NET_STEPS, NET_VARS), "n" * 64, "/there/net.yaml")


def bench(**changes: object) -> Bench:
    made = Bench(
        document(OUTER, OUTER_VARS), {"net": NET}, **{"environment": {"KEY": "hunter2222"}, **changes}
    )
    made.answer("first")
    made.answer("vars.server", "idp.example")
    return made


def said(out: str = "", code: int = 0) -> CaptureResult:
    return CaptureResult(NOW, NOW, code, out, size=len(out), sha256="b" * 64)


def ran(bench: Bench, step: str, result: CaptureResult) -> None:
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    bench.do(engine.command_started, step, shown.command.digest)
    bench.do(engine.command_finished, step, result)


def inside(**changes: object) -> Bench:
    made = bench(**{"trust_of_used": {"net": "read"}, **changes})
    made.answer("net")
    made.answer("net/seen", "smoke")
    return made


def test_it_is_shown_with_what_to_know_before_it_begins() -> None:
    shown = bench().view.current
    assert shown is not None
    assert (shown.id, shown.kind, shown.items) == ("net", "playbook", ("Touch nothing.",))
    assert "A probe: 5 steps." in shown.text


def test_its_steps_stand_in_the_same_log_under_the_step_that_uses_it() -> None:
    made = inside()
    assert made.here == "net/cert"
    assert [line.step_id for line in made.view.lines] == [
        "first", "net", "net/seen", "net/cert", "net/way", "net/good", "net/bad", "after", "done",
    ]  # fmt: skip
    marks = {line.step_id: line.mark for line in made.view.lines}
    assert (marks["net"], marks["net/seen"], marks["net/cert"]) == ("done", "done", "current")


def test_it_sees_only_what_it_is_given_and_keeps_its_names_to_itself() -> None:
    made = inside()
    assert made.state.variables["net/host"] == "idp.example"
    assert made.state.variables["net/speed"] == 7
    assert "seen" not in made.state.variables
    shown = made.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.argv == ("look", "idp.example")


def test_what_it_returns_and_its_outcome_are_known_behind_it_and_nothing_else() -> None:
    made = inside()
    ran(made, "net/cert", said())
    made.answer("net/way")
    made.answer("net/good")
    assert made.here == "after"
    assert made.view.current is not None
    assert made.view.current.template == "It was resolved, smoke, outside"
    result = made.state.results["net"]
    assert (result["ok"], result["outcome"], result["seen"], result["speed"]) == (
        True,
        "resolved",
        "smoke",
        7,
    )
    assert made.state.variables["fast"] == 7


def test_a_bad_outcome_comes_back_as_not_ok_and_the_run_goes_on() -> None:
    made = inside()
    made.do(engine.record_by_hand, "net/cert", False, "red")
    made.do(engine.resolve_panel, "go:net/way", reason="seen")
    made.answer("net/way")
    made.answer("net/bad")
    assert (made.here, made.state.results["net"]["ok"], made.state.status) == ("after", False, "open")


def test_a_variable_that_was_not_given_is_asked_inside_under_its_own_name() -> None:
    made = Bench(document(OUTER.replace("host: '{{ vars.server }}', ", ""), OUTER_VARS), {"net": NET})
    made.answer("first")
    made.answer("net")
    made.answer("net/seen", "x")
    assert made.view.current is not None
    assert made.view.current.id == "vars.net/host"
    with pytest.raises(Invalid):
        made.answer("vars.net/host", "NO")
    made.answer("vars.net/host", "a.b")
    assert made.view.current.id == "net/cert"


def test_a_value_it_does_not_take_is_said_before_it_begins() -> None:
    made = Bench(document(OUTER, OUTER_VARS), {"net": NET})
    made.answer("first")
    made.answer("vars.server", "NO HOST")
    before = len(made.entries)
    with pytest.raises(Invalid, match="net cannot take this host"):
        made.answer("net")
    assert len(made.entries) == before


def test_a_secret_is_handed_on_and_never_written_down() -> None:
    made = inside()
    step = made.state.step
    assert step is not None and step.kind == "check"
    wanted = command_of(made.state, step, made.context)
    assert wanted.env["TOKEN"] == "hunter2222"
    assert wanted.shown_env["TOKEN"] == MASK
    assert "hunter2222" not in repr(made.entries)


def test_trust_in_the_one_that_uses_it_does_not_reach_into_it() -> None:
    made = bench(trust="run")
    made.answer("net")
    made.answer("net/seen", "smoke")
    shown = made.view.current
    assert shown is not None and shown.command is not None
    assert not shown.command.runnable
    assert shown.command.trust == "none"
    assert "triage playbook trust net" in shown.command.why_not


def test_another_text_of_it_is_another_command() -> None:
    one, other = (
        inside().view.current,
        Bench(document(OUTER, OUTER_VARS), {"net": PinnedText(NET.text, "m" * 64)}),
    )
    other.answer("first")
    other.answer("vars.server", "idp.example")
    other.answer("net")
    shown = other.answer("net/seen", "smoke").current
    assert one and one.command and shown and shown.command
    assert one.command.digest != shown.command.digest


def test_back_goes_over_the_border_both_ways() -> None:
    made = inside()
    ran(made, "net/cert", said())
    made.answer("net/way")
    made.answer("net/good")
    made.do(engine.back)
    assert made.here == "net/good"
    assert "outcome" not in made.state.results["net"]
    assert "fast" not in made.state.variables
    for _ in range(4):
        made.do(engine.back)
    assert made.here == "net"
    assert "net/host" not in made.state.variables
    made.do(engine.back)
    assert made.here == "first"


def test_skip_park_resume_and_stop_work_inside() -> None:
    made = inside()
    made.do(engine.skip, "net/cert", "no access")
    assert made.here == "net/way"
    made.do(engine.park, remind_at=NOW + timedelta(hours=1))
    assert made.do(engine.resume).current.id == "net/way"  # type: ignore[union-attr]
    assert made.do(engine.stop, "enough").status == "stopped"


def test_the_whole_can_be_skipped_or_settled_from_outside() -> None:
    made = bench()
    made.do(engine.skip, "net", "already known")
    assert made.here == "after"
    made.do(engine.back)
    made.answer("net", {"outcome": "workaround", "returns": {"seen": "steam"}})
    assert (made.here, made.state.results["net"]["ok"], made.state.variables["what_seen"]) == (
        "after",
        True,
        "steam",
    )
    with pytest.raises(Invalid, match="nothing named 'host'"):
        bench().answer("net", {"outcome": "resolved", "returns": {"host": "x"}})
    with pytest.raises(Invalid, match="is not an outcome"):
        bench().answer("net", "fine")


def test_its_stop_rule_counts_while_it_is_worked_through_and_not_behind_it() -> None:
    made = bench()
    made.answer("net")
    view = made.answer("net/seen", "fire")
    assert view.panel is not None and view.panel.say == "Leave the house."
    assert made.do(engine.resolve_panel, "stop").outcome == "handed_over"
    outer = bench()
    outer.answer("net", {"outcome": "resolved", "returns": {"seen": "fire"}})
    assert outer.view.panel is None


def test_a_stop_rule_of_a_used_playbook_is_not_looked_at_outside_it() -> None:
    always = PinnedText(NET.text.replace("vars.seen == 'fire'", "ticket.priority == 'high'"), "n" * 64)
    made = Bench(document(OUTER, OUTER_VARS), {"net": always})
    made.answer("first")
    made.answer("vars.server", "a.b")
    assert made.view.panel is None
    made.answer("net")
    assert made.view.panel is not None
    made.do(engine.resolve_panel, "continue", reason="seen")
    assert made.here == "net/seen"


def test_a_failure_inside_offers_the_exceptions_and_ends_of_both() -> None:
    made = inside()
    view = made.do(engine.record_by_hand, "net/cert", False, "red")
    assert view.panel is not None
    ways = [one.value for one in view.panel.choices if one.value.startswith("go:")]
    assert ways == ["go:net/way", "go:net/good", "go:net/bad", "go:done"]


def test_a_playbook_that_is_not_kept_is_one_closed_step() -> None:
    made = Bench(document(OUTER, OUTER_VARS))
    made.answer("first")
    made.answer("vars.server", "x")
    with pytest.raises(NeedsInput, match="answer with its outcome"):
        made.answer("net")
    made.answer("net", "resolved")
    assert made.here == "after"


def test_a_script_goes_through_it_or_takes_its_outcome() -> None:
    answers = {"first": True, "vars.server": "a.b", "after": True, "done": True}
    closed = run_script(
        document(OUTER, OUTER_VARS), answers, {"net": {"outcome": "resolved"}}, context=context()
    )
    assert closed.path == ("first", "net", "after", "done")
    more = {"net/seen": "x", "net/cert": True, "net/way": True, "net/good": True}
    through = run_script(
        document(OUTER, OUTER_VARS), {**answers, **more}, context=context(), includes={"net": NET}
    )
    assert through.path == ("first", "net", "net/seen", "net/cert", "net/way", "net/good", "after", "done")
    assert through.view.outcome == "resolved"


def test_the_text_is_pinned_so_a_fold_needs_nothing_else() -> None:
    opened = engine.open_run(
        "r",
        document(OUTER, OUTER_VARS),
        text_of("probe", OUTER, OUTER_VARS),
        "a" * 64,
        context(facts=facts()),
        includes={"net": NET},
    )
    assert opened[0].data["includes"] == {
        "net": {"text": NET.text, "sha256": NET.sha256, "origin": NET.origin}
    }


def uses(name: str, *others: str) -> str:
    steps = "".join(
        f"  - {{id: s{n}, kind: playbook, title: Go there, use: {other}}}\n" for n, other in enumerate(others)
    )
    return text_of(name, steps + END)


def found(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return [
        f"{Path(one.path).name}:{one.line}:{one.column} {one.message}"
        for one in lint_paths([folder])
        if one.code == "PB210"
    ]


def test_a_circle_is_found_over_the_whole_folder(tmp_path: Path) -> None:
    assert found(tmp_path, aa=uses("aa", "bb"), bb=uses("bb", "cc"), cc=uses("cc", "aa")) == [
        "aa.yaml:9:52 playbooks use each other in a circle: aa -> bb -> cc -> aa",
        "bb.yaml:9:52 playbooks use each other in a circle: bb -> cc -> aa -> bb",
        "cc.yaml:9:52 playbooks use each other in a circle: cc -> aa -> bb -> cc",
    ]
    assert found(tmp_path, aa=uses("aa", "aa"), bb=uses("bb"), cc=uses("cc"))[0].endswith("circle: aa -> aa")


def test_too_deep_a_nest_is_found_and_refused(tmp_path: Path) -> None:
    names = ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]
    texts = {name: uses(name, *names[n + 1 : n + 2]) for n, name in enumerate(names)}
    assert [one.split()[0] for one in found(tmp_path, **texts)] == ["p0.yaml:9:52"]
    read = {name: load_text(text, f"{name}.yaml")[0] for name, text in texts.items()}
    includes = {name: Include(one, "x") for name, one in read.items() if one}
    top, second = read["p0"], read["p1"]
    assert top and second
    assert len(Plan.of(second, includes=includes).sections) == 6
    with pytest.raises(Invalid, match="more than 5 deep"):
        Plan.of(top, includes=includes)


def test_names_that_the_used_playbook_has_not_are_found_at_their_place(tmp_path: Path) -> None:
    outer = text_of(
        "outer", OUTER.replace("host:", "hots:").replace("{seen: what_seen", "{sene: what_seen"), OUTER_VARS
    )
    found_here = found(tmp_path, outer=outer, net=NET.text)
    assert [one.split(" ", 1)[1] for one in found_here] == [
        "net has no variable 'hots'",
        "net has no variable 'sene'",
    ]
    assert found(tmp_path, outer=outer.replace("use: net", "use: ent"))[0].endswith(
        "no playbook 'ent' that can be used"
    )


def test_what_comes_back_may_be_read_and_other_results_may_not() -> None:
    _, diagnostics = load_text(text_of("outer", OUTER, OUTER_VARS), "outer.yaml")
    assert not [one for one in diagnostics if one.level == "error"]
    _, diagnostics = load_text(
        text_of("outer", OUTER.replace("steps.net.outcome", "steps.net.exit"), OUTER_VARS), "outer.yaml"
    )
    assert [one.code for one in diagnostics if one.level == "error"] == ["PB303"]


def test_a_plan_that_never_ends_is_refused() -> None:
    one = document("".join(f"  - {{id: a{n}, kind: instruct, title: Do}}\n" for n in range(150)) + END)
    caller = document(
        "".join(f"  - {{id: a{n}, kind: playbook, title: Do, use: big}}\n" for n in range(20)) + END
    )
    big = one.model_copy(update={"id": "big"})
    with pytest.raises(Invalid, match="more than 2000 steps"):
        Plan.of(caller, includes={"big": Include(big, "x")})


def test_exploring_tries_every_outcome_of_it() -> None:
    steps = (
        "  - {id: net, kind: playbook, title: Go, use: net}\n"
        "  - {id: way, kind: decide, title: Way, branches: [{if: steps.net.outcome == 'workaround', next: half}], otherwise: done}\n"
        "  - {id: half, kind: end, title: Half, outcome: workaround}\n" + END
    )
    walked = explore(document(steps))
    assert (walked.never, walked.dead_ends, set(walked.outcomes)) == ((), (), {"resolved", "workaround"})


INSIDE = (
    "  - {id: how, kind: ask, title: How bad, type: choice, save_as: how, minutes: 4, options: [{value: slow}, {value: down, next: stop}]}\n"
    "  - {id: count, kind: ask, title: How many, type: number, save_as: count, minutes: 2, next: done}\n"
    "  - {id: stop, kind: end, title: Stop, outcome: handed_over}\n" + END
)
AROUND = (
    "  - {id: net, kind: playbook, title: Go, use: net, minutes: 1, returns: {how: how}}\n"
    "  - {id: fate, kind: decide, title: Fate, branches: [{if: steps.net.outcome == 'workaround', next: half}], otherwise: way}\n"
    "  - {id: way, kind: decide, title: Way, branches: [{if: vars.how == 'down', next: bad}], otherwise: done}\n"
    "  - {id: bad, kind: instruct, title: Bad, minutes: 30, next: done}\n"
    "  - {id: half, kind: instruct, title: Half, minutes: 60, next: done}\n" + END
)


def test_exploring_tries_no_outcome_that_the_used_playbook_cannot_end_in() -> None:
    walked = explore(document(AROUND), UsedPlaybooks({"net": document(INSIDE)}.get))
    assert (walked.never, walked.dead_ends, walked.complete) == (("half",), (), True)
    assert explore(document(AROUND)).never == ()


def test_the_longest_way_counts_the_longest_way_through_what_is_used() -> None:
    """Inside: two questions and the end in 6 min; around it the entry, two choices, the long step, the end."""
    used = UsedPlaybooks({"net": document(INSIDE), "outer": document(AROUND)}.get)
    walked = explore(document(AROUND), used)
    assert (walked.longest_steps, walked.longest_minutes) == (3 + 5, 6 + 30)
    twice = (
        "  - {id: out, kind: playbook, title: Go, use: outer}\n  - {id: in, kind: playbook, title: Go, use: net}\n"
        + END
    )
    walked = explore(document(twice), used)
    assert (walked.longest_steps, walked.longest_minutes) == (1 + 8 + 1 + 3 + 1, 36 + 6)


def test_a_stop_inside_a_used_playbook_is_an_end_of_the_whole() -> None:
    rule = "stop_when: [{if: vars.how == 'down', say: Call them., outcome: workaround}]\n"
    used = UsedPlaybooks({"net": document(INSIDE, rule)}.get)
    assert "workaround" in explore(document(AROUND), used).outcomes


def test_a_used_playbook_that_cannot_be_found_or_comes_back_to_itself_stays_closed() -> None:
    around = document(AROUND)
    for found in ({}, {"net": around}):
        assert explore(around, UsedPlaybooks(found.get)).dead_ends == ()
