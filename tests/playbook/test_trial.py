"""Tests of playbooks: cases walked by the real engine, what they cover, and every path."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, SHIPPED, document
from triage.cli.program import run
from triage.model.errors import Stopped
from triage.playbook.lint.load import load_bytes
from triage.playbook.shelf.lint import lint_paths
from triage.playbook.trial.cases import case_file_of
from triage.playbook.trial.explore import explore
from triage.playbook.trial.trial import Trial, aligned, try_file
from triage.playbook.trial.update import path_updates, write_updates

STEPS = (
    """  - {id: size, kind: ask, title: How many, type: number, save_as: size, allow_unknown: false}
  - {id: seen, kind: check, title: Look, run: [date], effect: read_only, manual: Look., on_fail: mend,
     expect: {stdout_matches: good}}
  - id: part
    kind: decide
    title: Decide
    branches: [{if: vars.size > 10, next: mend}]
    otherwise: done
  - {id: mend, kind: draft_reply, title: Write, template: "We mend {{ vars.size }} things."}
"""
    + END
)
CASES = """playbook: probe
require: {steps: 100, branches: 50}
cases:
  - name: many
    answers: {size: 11}
    results: {seen: {out: all good}}
    expect: {path: [size, seen, part, mend, done], outcome: resolved, reply_contains: [11 things]}
"""


def tried(folder: Path, cases: str, *, steps: str = STEPS, explored: bool = False) -> Trial:
    path = folder / "probe.yaml"
    path.write_text(HEAD + "steps:\n" + steps, encoding="utf-8")
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "probe.test.yaml").write_text(cases, encoding="utf-8")
    return try_file(path, explored=explored)


def test_a_case_that_goes_as_expected_passes(tmp_path: Path) -> None:
    trial = tried(tmp_path, CASES)
    assert trial.passed, trial
    assert trial.coverage is not None
    assert (trial.coverage.steps, trial.coverage.steps_total) == (5, 5)
    assert (trial.coverage.branches, trial.coverage.branches_total) == (2, 4)
    assert trial.coverage.missed == ("seen -> mend", "part -> done")


def test_what_a_command_says_is_judged_by_the_steps_own_rules(tmp_path: Path) -> None:
    trial = tried(tmp_path, CASES.replace("all good", "all bad"))
    assert [case.faults for case in trial.cases] == [
        ("another path:\n    size\n    seen\n  - part\n    mend\n    done",)
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("outcome: resolved", "outcome: unresolved"), "outcome resolved instead of unresolved"),
        (("11 things", "a date"), "no reply says 'a date'"),
        (("outcome: resolved", "root_cause: clock"), "root cause none instead of clock"),
        (("outcome: resolved", "status: stopped"), "ended instead of stopped"),
        (("{size: 11}", "{}"), "it waits: size has no answer. add size: to the answers"),
        (("{size: 11}", "{size: many}"), "size: 'many' is not a number"),
    ],
)
def test_whatever_differs_is_said(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    trial = tried(tmp_path, CASES.replace(*change))
    assert not trial.passed
    assert trial.cases[0].faults == (fault,)


@pytest.mark.parametrize(
    ("change", "where", "advice"),
    [
        (("{size: 11}", "{siez: 11}"), (5, 15), "did you mean 'size'?"),
        (("results: {seen", "results: {size"), (6, 15), "there are: seen"),
        (("part, mend", "part, mned"), (7, 39), "did you mean 'mend'?"),
        (("answers:", "anwsers:"), (5, 5), "did you mean 'answers'?"),
        (("playbook: probe", "playbook: prob"), (1, 11), "write its id"),
    ],
)
def test_a_mistake_in_the_test_file_is_found_where_it_is(
    tmp_path: Path, change: tuple[str, str], where: tuple[int, int], advice: str
) -> None:
    trial = tried(tmp_path, CASES.replace(*change))
    assert not trial.passed
    assert [(one.line, one.column) for one in trial.findings] == [where]
    assert trial.findings[0].help == advice


def test_too_little_walked_is_a_finding_that_names_what_was_missed(tmp_path: Path) -> None:
    trial = tried(tmp_path, CASES.replace("branches: 50", "branches: 90"))
    (found,) = trial.findings
    assert (found.code, found.level) == ("PB604", "warning")
    assert found.message == "50 % of the branches walked, 90 % required"
    assert "part -> done" in found.help


def test_lint_says_that_tests_are_missing_or_walk_too_little(tmp_path: Path) -> None:
    tried(tmp_path, CASES.replace("branches: 50", "branches: 90"))
    assert [one.code for one in lint_paths([tmp_path])] == ["PB604"]
    (tmp_path / "tests" / "probe.test.yaml").unlink()
    assert [one.code for one in lint_paths([tmp_path])] == ["PB603"]


def test_paths_are_aligned_so_that_the_difference_shows() -> None:
    assert aligned(["a", "b", "d"], ["a", "c", "d"]) == "    a\n  - b\n  + c\n    d"


def test_the_walk_takes_both_sides_of_a_number_and_every_result_of_a_check() -> None:
    found = explore(document(STEPS))
    assert found.complete and found.faults == ()
    assert found.outcomes == ("resolved",)
    assert found.longest_steps == 5


def test_a_draft_that_can_be_reached_without_its_value_is_found() -> None:
    found = explore(document(STEPS.replace(", allow_unknown: false", "")))
    assert found.gaps == ("mend: vars.size",)
    assert found.faults == ("missing value at mend: vars.size",)


def test_a_step_that_no_answer_leads_to_is_found() -> None:
    steps = STEPS.replace("on_fail: mend", "on_fail: part").replace(
        "vars.size > 10", "vars.size > 10 and vars.size < 5"
    )
    assert explore(document(steps)).never == ("mend",)


PARTING = (
    """  - id: word
    kind: ask
    title: Say
    type: choice
    save_as: said
    allow_unknown: false
    options: [{value: a}, {value: b}, {value: c}]
  - {id: early, kind: decide, title: Decide, branches: [{if: "vars.said in ['a', 'b']", next: late}], otherwise: late}
  - {id: late, kind: decide, title: Decide, branches: [{if: vars.said == 'b', next: mend}], otherwise: done}
  - {id: mend, kind: instruct, title: Mend}
"""
    + END
)


def test_answers_that_part_only_later_are_walked_apart() -> None:
    found = explore(document(PARTING))
    assert (found.paths, found.never) == (6, ())  # an end is left in two ways


def test_a_value_that_was_asked_for_is_not_asked_for_again_and_one_that_was_not_is() -> None:
    steps = """  - id: way
    kind: ask
    title: Say
    type: choice
    allow_unknown: false
    options: [{value: a, next: first}, {value: b, next: second}]
  - {id: first, kind: note, title: Note, template: "{{ vars.host | default('-') }}"}
  - {id: second, kind: note, title: Note, template: "{{ vars.host | default('-') }}"}
"""
    found = explore(document(steps + END, "vars: {host: {prompt: Which host}}\n"))
    assert (found.paths, found.longest_steps) == (8, 5)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_playbook_stands_its_tests_and_has_no_dead_end(path: Path) -> None:
    assert case_file_of(path) is not None
    trial = try_file(path, explored=True)
    assert trial.passed, trial
    assert trial.coverage is not None and trial.exploration is not None
    assert trial.coverage.step_share == 100
    assert trial.coverage.branch_share >= 90
    assert trial.exploration.complete


def renewed(folder: Path, cases: str, *, steps: str = STEPS) -> str:
    """The test file after its new paths were written."""
    tried(folder, cases, steps=steps)
    assert write_updates(path_updates(folder / "probe.yaml")) == (folder / "tests" / "probe.test.yaml",)
    return (folder / "tests" / "probe.test.yaml").read_text(encoding="utf-8")


WANTED = "{path: [size, seen, part, mend, done], outcome: resolved, reply_contains: [11 things]}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{path: [size, mned, done], outcome: resolved, reply_contains: [11 things]}", WANTED),
        ("{outcome: resolved, reply_contains: [11 things]}", WANTED),
        ("{}", "{path: [size, seen, part, mend, done]}"),
        ("{path: [], outcome: handed_over}", "{path: [size, seen, part, mend, done], outcome: handed_over}"),
        (
            "\n      outcome: resolved\n      path:\n      - size  # how many\n      - done\n      root_cause: null",
            "\n      outcome: resolved\n      path: [size, seen, part, mend, done]\n      root_cause: null",
        ),
        (
            "\n      # where it leads\n      outcome: resolved",
            "\n      # where it leads\n      path: [size, seen, part, mend, done]\n      outcome: resolved",
        ),
    ],
)
def test_a_new_path_is_written_and_nothing_else_changes(tmp_path: Path, before: str, after: str) -> None:
    cases = CASES.replace(WANTED, before) + "# Die Größe zählt.\n"
    assert renewed(tmp_path, cases) == CASES.replace(WANTED, after) + "# Die Größe zählt.\n"
    assert path_updates(tmp_path / "probe.yaml") == ()


def test_a_case_that_waits_has_no_path_to_write(tmp_path: Path) -> None:
    tried(tmp_path, CASES.replace("{size: 11}", "{}").replace("part, mend, done", "done"))
    assert path_updates(tmp_path / "probe.yaml") == ()


def test_a_file_that_changed_since_it_was_shown_is_left_alone(tmp_path: Path) -> None:
    tried(tmp_path, CASES.replace("part, mend, done", "done"))
    shown = path_updates(tmp_path / "probe.yaml")
    path = tmp_path / "tests" / "probe.test.yaml"
    path.write_text(CASES.replace("part, mend, done", "mend, done"), encoding="utf-8")
    with pytest.raises(Stopped, match="has changed since"):
        write_updates(shown)
    assert "mend, done" in path.read_text(encoding="utf-8")


def test_the_shell_shows_new_paths_and_writes_them_only_when_somebody_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    stale = CASES.replace("part, mend, done", "done")
    tried(tmp_path, stale)
    path = tmp_path / "tests" / "probe.test.yaml"
    assert run(["playbook", "test", str(tmp_path), "--update", "-q"]) == 3
    told = capsys.readouterr().err
    assert "+ part\n+ mend\n" in told
    assert "add --yes" in told
    assert path.read_text(encoding="utf-8") == stale
    assert run(["playbook", "test", str(path), "--update", "--yes"]) == 0
    assert path.read_text(encoding="utf-8") == CASES


def test_the_example_of_the_page_lints_clean_and_stands_its_tests(tmp_path: Path) -> None:
    page = (SHIPPED.parent / "docs" / "playbooks.md").read_text(encoding="utf-8")
    playbook, cases = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "print-queue.yaml"
    path.write_text(playbook, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "print-queue.test.yaml").write_text(cases, encoding="utf-8")
    used = load_bytes((SHIPPED / "customer-handback.yaml").read_bytes(), "customer-handback.yaml")[0]
    assert lint_paths([path], elsewhere=lambda name: used if name == "customer-handback" else None) == ()
    trial = try_file(path, explored=True)
    assert trial.passed, trial
    assert trial.coverage is not None and trial.coverage.missed == ()


def test_the_page_names_every_setting_that_makes_a_shipped_playbook_better() -> None:
    page = (SHIPPED.parent / "docs" / "playbooks.md").read_text(encoding="utf-8")
    used = {
        name
        for path in SHIPPED.glob("*.yaml")
        for name in re.findall(r"\bconfig\.([a-z_]+)", path.read_text(encoding="utf-8"))
    }
    assert used <= set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))


def test_the_shell_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    tried(tmp_path, CASES)
    assert run(["playbook", "test", str(tmp_path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["passed"]
    assert told["coverage"]["missed"] == ["seen -> mend", "part -> done"]
    tried(tmp_path, CASES.replace("{size: 11}", "{size: 1}"))
    assert run(["playbook", "test", str(tmp_path / "tests" / "probe.test.yaml")]) == 1
    assert "    - mend" in capsys.readouterr().out
