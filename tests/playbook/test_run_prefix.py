"""A run that is opened again after any of its acts goes on as if it had never been closed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.playbook.world import SHIPPED
from triage.model.entry import Entry
from triage.model.errors import NeedsInput
from triage.playbook.language.context import Context
from triage.playbook.lint.load import load_text
from triage.playbook.run import engine
from triage.playbook.run.script import EntryLog, next_entries
from triage.playbook.trial.cases import STARTED, answers_of, case_file_of, facts_of, read_cases

NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def reopened(entries: list[Entry]) -> list[Entry]:
    """The entries as a database gives them back."""
    return [replace(one, data=json.loads(json.dumps(one.data))) for one in entries]


@pytest.mark.parametrize("name", NAMES)
def test_every_prefix_of_every_tested_path_goes_on_the_same_way(name: str) -> None:
    path = SHIPPED / f"{name}.yaml"
    text = path.read_text()
    document, _ = load_text(text, str(path))
    tests = case_file_of(path)
    assert document is not None
    assert tests is not None
    held, _ = read_cases(Path(tests).read_text(), str(tests), document)
    assert held is not None
    for case in held.cases:
        context = Context(
            now=STARTED,
            facts=facts_of(case.ticket),
            hooks=case.config,
            person="tester",
            has_program=lambda _: True,
        )
        answers = answers_of(case, document)
        results = {step: one.model_dump() for step, one in case.results.items()}
        log = EntryLog("r", "1", context)
        log.add(engine.open_run("r", document, text, "a" * 64, context))
        running = engine.fold(log.entries, document)
        while True:
            again = engine.fold(reopened(log.entries))
            assert again == running
            try:
                act = next_entries(running, context, answers, results)
            except NeedsInput:
                break
            assert act == next_entries(again, context, answers, results)
            if not act:
                break
            log.add(act)
            running = engine.fold(log.entries, document)
        assert running.status in ("ended", "stopped"), case.name
