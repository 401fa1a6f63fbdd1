"""Running the cases of a playbook. Nothing is executed: what commands say is in the test file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from triage.model.errors import NotFound, TriageError
from triage.model.run import Diagnostic
from triage.playbook.language.context import Context
from triage.playbook.language.steps import DraftReply, Playbook
from triage.playbook.language.yaml_nodes import SIZE_LIMIT
from triage.playbook.lint.load import load_bytes
from triage.playbook.run.script import ScriptedRun, run_script
from triage.playbook.trial.cases import STARTED, Case, answers_of, case_file_of, facts_of, read_cases
from triage.playbook.trial.coverage import Coverage, coverage_of, walked
from triage.playbook.trial.explore import Exploration, UsedPlaybooks, explore


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went; it passed when there are no ``faults``."""

    name: str
    faults: tuple[str, ...]
    path: tuple[str, ...] = ()
    took: frozenset[str] = frozenset()
    """Steps and ways, see `triage.playbook.trial.coverage`."""
    whole: bool = False
    """Whether it came to an end; `path` is where it stood otherwise."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How one playbook stood its tests."""

    playbook: str
    path: str
    test_path: str = ""
    """Empty when it has no test file."""
    findings: tuple[Diagnostic, ...] = ()
    """Errors that kept the playbook or its cases from being read, and the warnings PB603 and PB604."""
    cases: tuple[CaseResult, ...] = ()
    coverage: Coverage | None = None
    exploration: Exploration | None = None

    @property
    def passed(self) -> bool:
        """Every case as expected, the required coverage reached, and no dead end."""
        explored = self.exploration is None or not self.exploration.faults
        return not self.findings and explored and not any(case.faults for case in self.cases)


def try_file(path: Path, *, explored: bool = False, used: UsedPlaybooks | None = None) -> Trial:
    """Run the cases of the playbook at ``path``; with ``explored`` walk every path too.

    ``used`` finds the playbooks it uses; without it they are looked for beside it.

    A playbook without a test file has the finding PB603; one whose cases walk less than ``require`` PB604.
    Raises `NotFound` for a file that cannot be read.
    """
    document, _, found = load_bytes(read_file(path), str(path))
    if document is None:
        return Trial(path.stem, str(path), findings=tuple(one for one in found if one.level == "error"))
    paths = explore(document, used or UsedPlaybooks(beside(path))) if explored else None
    return _try(path, document, paths)


def beside(path: Path) -> Callable[[str], Playbook | None]:
    """Finds a playbook by id in the folder of the file at ``path``; None for what cannot be used."""

    def find(name: str) -> Playbook | None:
        other = path.with_name(f"{name}.yaml")
        return load_bytes(read_file(other), str(other))[0] if other.is_file() else None

    return find


def shortcomings(path: Path, document: Playbook) -> tuple[Diagnostic, ...]:
    """What is to be said of the tests of a playbook that was read already: PB603, PB604, mistakes in them."""
    return _try(path, document, None).findings


def _try(path: Path, document: Playbook, paths: Exploration | None) -> Trial:
    test_path = case_file_of(path)
    if test_path is None:
        missing = Diagnostic(
            str(path), 1, 1, "warning", "PB603", "no tests", f"write tests/{path.stem}.test.yaml"
        )
        return Trial(document.id, str(path), findings=(missing,), exploration=paths)
    text = read_file(test_path).decode("utf-8", "replace")
    held, wrong = read_cases(text, str(test_path), document)
    if held is None:
        return Trial(document.id, str(path), str(test_path), wrong, exploration=paths)
    results = tuple(try_case(document, case) for case in held.cases)
    reached = coverage_of(document, [one.took for one in results])
    short = _short(str(test_path), reached, held.require.steps, held.require.branches)
    return Trial(document.id, str(path), str(test_path), short, results, reached, paths)


def read_file(path: Path) -> bytes:
    """The bytes of a file, one more than is allowed at most. Raises `NotFound`."""
    try:
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise NotFound(f"cannot read it: {error.strerror}", where=str(path)) from None


def _short(path: str, reached: Coverage, steps: int, branches: int) -> tuple[Diagnostic, ...]:
    """PB604 where less was walked than the test file requires."""
    found = []
    for what, share, wanted in (
        ("steps", reached.step_share, steps),
        ("branches", reached.branch_share, branches),
    ):
        if share < wanted:
            message = f"{share:.0f} % of the {what} walked, {wanted} % required"
            advice = "never taken: " + ", ".join(reached.missed[:12])
            found.append(Diagnostic(path, 1, 1, "warning", "PB604", message, advice))
    return tuple(found)


def try_case(document: Playbook, case: Case) -> CaseResult:
    """Walk one case and compare. An answer that does not fit its step is a fault, not an exception."""
    context = Context(
        now=STARTED, facts=facts_of(case.ticket), hooks=case.config, trust="none", person="tester",
        has_program=lambda _: True,
    )  # fmt: skip
    results = {name: one.model_dump() for name, one in case.results.items()}
    try:
        run = run_script(document, answers_of(case, document), results, context=context)
    except TriageError as error:
        return CaseResult(case.name, (str(error),))
    faults, took = tuple(_faults(document, case, run)), walked(run.state, run.entries)
    return CaseResult(case.name, faults, run.path, took, whole=not run.waiting)


def _faults(document: Playbook, case: Case, run: ScriptedRun) -> list[str]:
    """What is not as expected, a line or a block each."""
    wanted, view = case.expect, run.view
    if run.waiting:
        return [f"it waits: {run.waiting}"]
    faults = []
    if wanted.path and wanted.path != run.path:
        faults.append("another path:\n" + aligned(wanted.path, run.path))
    if view.status != wanted.status:
        faults.append(f"{view.status} instead of {wanted.status}")
    if wanted.outcome and view.outcome != wanted.outcome:
        faults.append(f"outcome {view.outcome} instead of {wanted.outcome}")
    cause = view.root_cause.get("category")
    if wanted.root_cause and cause != wanted.root_cause:
        faults.append(f"root cause {cause or 'none'} instead of {wanted.root_cause}")
    replies = {step.id for step in document.steps if isinstance(step, DraftReply)}
    said = "\n".join(text for step, text in view.drafts.items() if step in replies).casefold()
    faults += [f"no reply says {word!r}" for word in wanted.reply_contains if word.casefold() not in said]
    return faults


def aligned(wanted: Sequence[str], got: Sequence[str]) -> str:
    """Two paths side by side: ``-`` was expected and not taken, ``+`` was taken and not expected."""
    lines = []
    for _, first, last, begin, end in SequenceMatcher(None, wanted, got, autojunk=False).get_opcodes():
        if list(wanted[first:last]) == list(got[begin:end]):
            lines += [f"    {one}" for one in got[begin:end]]
            continue
        lines += [f"  - {one}" for one in wanted[first:last]]
        lines += [f"  + {one}" for one in got[begin:end]]
    return "\n".join(lines)
