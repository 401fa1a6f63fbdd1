"""Counts over runs: how they ended, what took time, what decided; nobody is named anywhere."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.playbook.world import END, HEAD, NOW, Bench, document
from triage.model.playbook_statistics import PlaybookStatistics, StepStatistics
from triage.model.run_event import RunEvent, without_people
from triage.playbook.run import engine
from triage.playbook.statistics.tale import LEFT_LYING, RunTale, tale_of
from triage.playbook.statistics.tally import tally

STEPS = """\
  - {id: scope, kind: ask, title: How many?, type: choice, save_as: scope, options: [{value: one}, {value: all}]}
  - {id: who, kind: ask, title: Who reported it?, type: contact, save_as: who}
  - {id: clock, kind: check, title: Clock, run: [date], effect: read_only, manual: Look., on_fail: side}
  - {id: side, kind: decide, title: Whose?, branches: [{if: vars.scope == 'all', next: cause}], otherwise: theirs}
  - {id: cause, kind: root_cause, title: Cause, statement: Ours., categories: [{value: ours}, {value: other}]}
  - {id: fixed, kind: end, title: Fixed, outcome: resolved}
  - {id: theirs, kind: end, title: Theirs, outcome: unresolved}
"""
TEXT = HEAD + "estimated_minutes: 2\nsteps:\n" + STEPS


class Walk(Bench):
    """A run whose clock moves on by ``seconds`` before each act."""

    def __init__(self, number: int = 0) -> None:
        super().__init__(document(STEPS, "estimated_minutes: 2\n"))
        self.number = number

    def after(self, seconds: float, verb: Any, *args: Any, **named: Any) -> Walk:
        self.context = replace(self.context, now=self.context.now + timedelta(seconds=seconds))
        self.do(verb, *args, **named)
        return self

    def says(self, seconds: float, step: str, value: Any = True) -> Walk:
        return self.after(seconds, engine.answer, step, value)

    def to_cause(self, scope: str = "all") -> Walk:
        self.says(10, "scope", scope).says(20, "who", "Ines Moreau").says(30, "clock").says(5, "side")
        return self

    def to_end(self) -> Walk:
        return self.to_cause().says(15, "cause", "ours").says(1, "fixed")

    @property
    def events(self) -> tuple[RunEvent, ...]:
        def data(entry: Any) -> dict[str, Any]:
            return {**entry.data, "text": TEXT} if entry.kind == "run.opened" else dict(entry.data)

        return tuple(
            RunEvent(
                f"r{self.number}", f"c{self.number}", one.kind, one.at, without_people(one.kind, data(one))
            )
            for one in self.entries
        )

    def tale(self, later: timedelta = timedelta()) -> RunTale:
        told = tale_of(self.events, self.context.now + later)
        assert told is not None
        return told


def counted(*walks: Walk, reopened: dict[str, Any] | None = None) -> PlaybookStatistics:
    for number, walk in enumerate(walks):
        walk.number = number
    [one] = tally([walk.tale() for walk in walks], reopened or {})
    return one


def step(one: PlaybookStatistics, name: str) -> StepStatistics:
    return next(found for found in one.steps if found.step_id == name)


def advised(one: PlaybookStatistics) -> set[tuple[str, str]]:
    return {(found.kind, found.step_id) for found in one.advice}


def test_outcomes_and_minutes_of_the_runs_that_are_over() -> None:
    slow = Walk().to_cause().says(600, "cause", "ours").says(1, "fixed")
    theirs = (
        Walk()
        .says(10, "scope", "one")
        .says(10, "who", "x")
        .says(10, "clock")
        .says(10, "side")
        .says(20, "theirs")
    )
    one = counted(Walk().to_end(), slow, theirs, Walk().to_cause())
    assert (one.runs, one.unfinished, one.outcomes) == (4, 1, {"resolved": 2, "unresolved": 1})
    assert one.shares["resolved"] == pytest.approx(2 / 3)
    assert (one.median_minutes, one.p90_minutes) == (1.4, 11.1)


def test_a_long_pause_counts_ten_minutes_and_parked_time_none() -> None:
    walk = (
        Walk().says(3600, "scope", "all").after(5, engine.park).after(9000, engine.resume).says(7, "who", "x")
    )
    tale = walk.tale()
    assert tale.active == timedelta(seconds=600 + 5 + 7)
    assert (tale.seconds["scope"], tale.seconds["who"]) == (600, 12)


def test_a_run_from_an_answers_file_takes_no_time_and_hides_none() -> None:
    scripted = Walk()
    for name, value in {
        "scope": "all",
        "who": "x",
        "clock": True,
        "side": True,
        "cause": "ours",
        "fixed": True,
    }.items():
        scripted.says(0, name, value)
    one = counted(scripted, Walk().to_end())
    assert (one.median_minutes, step(one, "clock").median_seconds, one.runs) == (1.4, 30, 2)


def test_a_run_stopped_by_hand_or_left_lying_is_abandoned_where_it_stood() -> None:
    stopped = Walk().says(1, "scope", "all").after(1, engine.stop, "no time")
    assert (stopped.tale().fate, stopped.tale().left_at) == ("abandoned", "who")
    lying = Walk().says(1, "scope", "all")
    assert lying.tale(LEFT_LYING).fate == "going"
    assert lying.tale(LEFT_LYING + timedelta(seconds=1)).left_at == "who"
    one = counted(stopped, Walk().to_end())
    assert (one.outcomes, one.left_at, step(one, "who").left_here) == (
        {"abandoned": 1, "resolved": 1},
        {"who": 1},
        1,
    )


def test_a_stop_rule_is_an_ending_and_not_given_up() -> None:
    bench = Bench(
        document(
            END,
            "stop_when: [{if: vars.x == 1, say: Stop., outcome: handed_over}]\nvars: {x: {type: number}}\n",
        )
    )
    opened = {"playbook": "probe", "version": 1, "sha256": "", "text": HEAD + "steps:\n" + END}
    stop = {"reason": "x", "outcome": "handed_over", "summary": "", "rule": 0}
    events = [
        RunEvent("r", "c", kind, bench.context.now, without_people(kind, data))
        for kind, data in (("run.opened", opened), ("run.stopped", stop))
    ]  # type: ignore[arg-type]
    tale = tale_of(events, NOW)
    assert tale is not None
    assert (tale.fate, tale.outcome, tale.left_at) == ("stopped", "handed_over", "")


def test_what_happens_at_a_step_is_counted_there() -> None:
    skipped = Walk().says(1, "scope", "all").after(1, engine.skip, "who", "no access")
    failed = Walk().says(1, "scope", "all").says(1, "who", "x").says(1, "clock", False)
    back = Walk().says(1, "scope", "all").says(1, "who", "x").after(1, engine.back)
    overridden = (
        Walk()
        .says(1, "scope", "one")
        .says(1, "who", "x")
        .says(1, "clock")
        .after(1, engine.decide, "side", "cause", reason="I know")
    )
    one = counted(skipped, failed, back, overridden)
    assert (step(one, "who").reached, step(one, "who").skipped, step(one, "who").backed_into) == (
        4,
        {"no access": 1},
        1,
    )
    assert (step(one, "clock").failed, step(one, "side").overridden, step(one, "theirs").reached) == (1, 1, 0)


def test_the_deciding_step_is_the_last_look_before_the_accepted_cause() -> None:
    assert Walk().to_end().tale().decided_by == "side"
    assert Walk().to_cause().tale().decided_by == ""
    undone = Walk().to_end()
    assert undone.tale().decided_by == "side"
    again = Walk().to_cause().says(1, "cause", "ours").after(1, engine.back)
    assert again.tale().decided_by == ""


def test_ways_nobody_took_are_named_only_for_steps_somebody_left() -> None:
    one = counted(Walk().to_end())
    assert [(way.step_id, way.target) for way in one.never_taken] == [("side", "theirs")]


def test_a_ticket_opened_again_within_14_days_counts_and_later_does_not() -> None:
    walk = Walk().to_end()
    end = walk.context.now
    assert counted(walk, reopened={"c0": [end + timedelta(days=14)]}).reopened == 1
    assert counted(walk, reopened={"c0": [end + timedelta(days=14, seconds=1)]}).reopened == 0
    assert counted(walk, reopened={"c0": [end - timedelta(hours=1)]}).reopened == 0


def walks(count: int, make: Any) -> Sequence[Walk]:
    return [make() for _ in range(count)]


def skipping() -> Walk:
    return Walk().says(1, "scope", "all").after(1, engine.skip, "who", "already known")


def overriding() -> Walk:
    return (
        Walk()
        .says(1, "scope", "one")
        .says(1, "who", "x")
        .says(1, "clock")
        .after(1, engine.decide, "side", "cause", reason="no")
    )


def test_nothing_is_suggested_from_nine_runs_and_with_ten_it_carries_its_counts() -> None:
    assert counted(*walks(9, skipping)).advice == ()
    found = [one for one in counted(*walks(10, skipping)).advice if one.kind == "often_skipped"]
    assert [(one.step_id, one.count, one.of) for one in found] == [("who", 10, 10)]
    assert "10 of 10" in found[0].text


@pytest.mark.parametrize(("skips", "said"), [(5, False), (6, True)])
def test_skipping_is_often_above_a_half(skips: int, said: bool) -> None:
    one = counted(*walks(skips, skipping), *walks(10 - skips, lambda: Walk().to_cause()))
    assert (("often_skipped", "who") in advised(one)) is said


@pytest.mark.parametrize(("times", "said"), [(2, False), (3, True)])
def test_overriding_is_often_above_a_fifth(times: int, said: bool) -> None:
    one = counted(*walks(times, overriding), *walks(10 - times, lambda: Walk().to_cause()))
    assert (("often_overridden", "side") in advised(one)) is said


def test_a_playbook_that_takes_more_than_twice_its_time_is_told_so() -> None:
    def slow() -> Walk:
        return Walk().to_cause().says(200, "cause", "ours").says(1, "fixed")

    assert ("longer_than_said", "") in advised(counted(*walks(10, slow)))
    assert ("longer_than_said", "") not in advised(counted(*walks(10, lambda: Walk().to_end())))


def test_questions_always_answered_alike_and_checks_that_never_failed() -> None:
    one = counted(*walks(10, lambda: Walk().to_end()))
    assert {(same.name, same.value) for same in one.always_alike} == {("scope", "all"), ("who", None)}
    assert one.never_failed == {"clock": 10}
    with_a_fail = [
        *walks(10, lambda: Walk().to_end()),
        Walk().says(1, "scope", "one").says(1, "who", "y").says(1, "clock", False),
    ]
    assert (counted(*with_a_fail).always_alike, counted(*with_a_fail).never_failed) == ((), {})


def test_a_cheap_step_that_decides_is_to_move_up() -> None:
    steps = STEPS.replace(
        "  - {id: side, kind: decide, title: Whose?, branches: [{if: vars.scope == 'all', next: cause}], otherwise: theirs}\n",
        "",
    ).replace(", on_fail: side", ", on_fail: theirs")

    class Straight(Walk):
        def __init__(self) -> None:
            Bench.__init__(self, document(steps))
            self.number = 0

        @property
        def events(self) -> tuple[RunEvent, ...]:
            first, *rest = super().events
            return (replace(first, data={**first.data, "text": HEAD + "steps:\n" + steps}), *rest)

    def straight() -> Walk:
        return (
            Straight()
            .says(90, "scope", "all")
            .says(60, "who", "x")
            .says(5, "clock")
            .says(1, "cause", "ours")
            .says(1, "fixed")
        )

    [found] = [one for one in counted(*walks(10, straight)).advice if one.kind == "move_up"]
    assert (found.step_id, found.count, found.of) == ("clock", 10, 10)


def test_a_way_is_called_needless_only_after_fifty_runs() -> None:
    assert ("never_taken", "side") not in advised(counted(*walks(49, lambda: Walk().to_end())))
    assert ("never_taken", "side") in advised(counted(*walks(50, lambda: Walk().to_end())))


def test_versions_are_counted_apart_the_newest_first() -> None:
    old, new = Walk().to_end().tale(), Walk().to_end().tale()
    new.version = 2
    assert [(one.version, one.runs) for one in tally([old, new], {})] == [(2, 1), (1, 1)]


def test_no_name_comes_in_and_none_goes_out() -> None:
    walk = Walk().to_end()
    walk.after(0, lambda *_: [])
    paired = Walk()
    paired.after(1, engine.set_people, navigator="Jun Abe")
    paired.says(1, "scope", "all").after(1, engine.skip, "who", "other", "Ines Moreau is on leave")
    paired.after(1, engine.stop, "Ines Moreau took over")
    for one in (walk, paired):
        said = json.dumps([one_event.data for one_event in one.events])
        assert not any(name in said for name in ("mara", "Jun Abe", "on leave", "took over"))
    told = json.dumps(asdict(counted(walk, paired)))
    assert not any(name in told for name in ("mara", "Jun", "Ines", "nobody"))
