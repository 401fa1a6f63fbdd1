# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""Worked investigations for tests: answered from their files, and the docket that comes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from tests.retrospective.threads import audit_extract, export_stops, group_rename
from triage.model.case import CaseFacts
from triage.model.entry import Entry, NewEntry
from triage.model.investigation import Investigation, Mode
from triage.retrospective import interview
from triage.retrospective.answers_file import read_answers, run_answers
from triage.retrospective.fold import fold

ANSWERS = Path(__file__).parents[1] / "answers"
CASES = {"ESC-2026-0031": group_rename, "ESC-2026-0044": export_stops, "ESC-2026-0058": audit_extract}


class Book:
    """One investigation and its docket, kept in memory."""

    def __init__(self, facts: CaseFacts, name: str = "ESC-2026-0031", mode: Mode = "full") -> None:
        self.facts = facts
        self.now = facts.timeline[-1].at + timedelta(hours=2)
        self.name = name
        self.entries: list[Entry] = []
        self.case_entries: list[Entry] = []
        self.write(interview.open_investigation(facts, name, mode, self.now))

    @property
    def it(self) -> Investigation:
        return fold(self.entries, self.facts, self.now)

    def write(self, new: Sequence[NewEntry], *, at: datetime | None = None) -> None:
        for one in new:
            data = json.loads(json.dumps(one.data))
            number = f"{len(self.entries) + len(self.case_entries):06}"
            entry = Entry(
                number, self.facts.ticket.id, one.subject, one.subject_id, one.kind, at or self.now, "kim", "driver", data=data
            )  # fmt: skip
            (self.entries if one.subject == "investigation" else self.case_entries).append(entry)

    def answer(self, prompt: str, value: object) -> Investigation:
        self.write(interview.answer(self.it, prompt, value, self.facts, self.now))  # type: ignore[arg-type]
        return self.it

    def answer_file(self, *, adopt: bool = False) -> Investigation:
        key = self.facts.ticket.key
        given = read_answers((ANSWERS / f"{key}.yaml").read_text("utf-8"), f"{key}.yaml")
        self.write(run_answers(self.facts, self.entries, given, "full", self.now, adopt=adopt))
        return self.it


@cache
def answered(name: str) -> Book:
    """The worked case ``name`` answered from its file and adopted. Shared: read it only."""
    book = Book(CASES[name](), name, "quick")
    book.answer_file(adopt=True)
    return book
