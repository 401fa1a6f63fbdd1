"""``playbook test``: the cases of playbooks, how much they walk, and every path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from triage.cli import output
from triage.cli.options import Globals, globals_of

if TYPE_CHECKING:
    from triage.desk.playbook_files import CaseResult, Trial


def test(
    context: typer.Context,
    paths: list[Path] = typer.Argument(
        None, help="Files or folders; without any, every playbook that is found."
    ),
    explore: bool = typer.Option(False, "--explore", help="Walk every path: dead ends, gaps, the longest."),
    update: bool = typer.Option(False, "--update", help="Show and then write new expected paths."),
    yes: bool = typer.Option(False, "--yes", help="With --update: write them without being asked."),
    json: bool = typer.Option(False, "--json", help="One JSON document."),
) -> int:
    """Walk the test cases of playbooks; nothing is executed.

    Exit 1 when a case fails, too little is walked, or a path leads nowhere. With ``--update`` paths only:
    outcomes, causes and replies stay as they are written, and what differs there still fails.
    """
    from triage.desk.playbook_files import try_files

    if update:
        _renew_paths(globals_of(context), paths or [], agreed=yes)
    found = try_files(globals_of(context).profile, paths or [], explored=explore)
    if json:
        output.document([{**output.plain(one), "passed": one.passed} for one in found])
    else:
        for one in found:
            _print(one)
        cases = sum(len(one.cases) for one in found)
        failed = sum(bool(case.faults) for one in found for case in one.cases)
        output.narrate(
            f"{len(found)} playbooks, {cases} cases, {failed} failed", quiet=globals_of(context).quiet
        )
    return 0 if all(one.passed for one in found) else 1


def _renew_paths(asked: Globals, paths: list[Path], *, agreed: bool) -> None:
    """Show each path that differs and write them all once a person agrees. Raises `NeedsInput`."""
    from triage.desk.playbook_paths import changed_paths, write_paths

    updates = changed_paths(asked.profile, paths)
    for one in updates:
        # Shown even when quiet: what nobody saw is not written.
        for line in (f"{one.test_path}: {one.case}", *one.difference.split("\n")):
            output.narrate(line)
    if not updates:
        output.narrate("every case ends on the path it expects", quiet=asked.quiet)
        return
    count = f"{len(updates)} new {'path' if len(updates) == 1 else 'paths'}"
    if not agreed and not asked.may_ask:
        raise asked.needs(f"{count} not written: nobody is there to agree", "look at them and add --yes")
    if not agreed and not typer.confirm(f"Write {count}?", default=False, err=True):
        return
    for path in write_paths(updates):
        output.narrate(f"written: {path}", quiet=asked.quiet)


def _print(trial: Trial) -> None:
    output.text(f"{'ok  ' if trial.passed else 'FAIL'} {trial.playbook}{_coverage(trial)}")
    for item in trial.findings:
        output.text(f"  {item.path}:{item.line}:{item.column}: {item.level}[{item.code}]: {item.message}")
        if item.help:
            output.text(f"    help: {item.help}")
    for case in trial.cases:
        _print_case(case)
    _print_paths(trial)


def _coverage(trial: Trial) -> str:
    reached = trial.coverage
    if reached is None:
        return ""
    return (
        f": {len(trial.cases)} cases, steps {reached.steps}/{reached.steps_total}, "
        f"branches {reached.branches}/{reached.branches_total}"
    )


def _print_case(case: CaseResult) -> None:
    if case.faults:
        output.text(f"  failed: {case.name}")
        for fault in case.faults:
            output.text("    " + fault.replace("\n", "\n    "))


def _print_paths(trial: Trial) -> None:
    found = trial.exploration
    if found is None:
        return
    whole = "" if found.complete else " (not all: too many)"
    output.text(
        f"  {found.paths} paths{whole}, longest {found.longest_steps} steps and {found.longest_minutes} min, "
        f"ends: {', '.join(found.outcomes)}"
    )
    for fault in found.faults:
        output.text(f"  {fault}")
