"""An investigation answered from a file: a mapping of prompt id to answer, given in script order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from triage.model.case import CaseFacts
from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, Stopped, TriageError
from triage.model.investigation import Investigation, Mode
from triage.model.json_value import Json
from triage.model.promise_book import promises_of
from triage.retrospective import interview, script, strict_yaml, wording_check
from triage.retrospective.fold import fold

_ROW = re.compile(r" row (\d{1,6})\b")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a file answers, and where each answer stands."""

    given: Mapping[str, Json]
    places: Mapping[str, str] = field(default_factory=dict)
    """Prompt id as written to ``file:line:column``; its second row under ``Q20/2``."""

    def place(self, name: str, row: int = 0) -> str:
        """Where an answer stands, or one of its rows as far as that is known."""
        return self.places.get(f"{name}/{row}") or self.places.get(name, "")


def read_answers(text: str, name: str) -> Answers:
    """The answers written in ``text``, a YAML mapping. Raises `Invalid` with file:line:column."""
    document = strict_yaml.read(text, name)
    data = document.data
    if not isinstance(data, Mapping) or not data:
        do = "Write one prompt id and its answer a line, such as K2: authority"
        raise Invalid("an answers file is a mapping of prompt id to answer", where=document.where(), do=do)
    places = {key: document.where(key) for key in data}
    for key, value in data.items():
        for number in range(len(value)) if isinstance(value, list) else ():
            places[f"{key}/{number + 1}"] = document.where(key, number)
    return Answers(data, places)


def run_answers(
    facts: CaseFacts,
    entries: Sequence[Entry],
    answers: Answers | Mapping[str, Json],
    mode: Mode,
    now: datetime,
    *,
    adopt: bool = False,
    zone: tzinfo = UTC,
) -> list[NewEntry]:
    """The entries that ``answers`` make of an opened investigation, raised to ``mode`` if need be.

    All or nothing: the first answer that cannot be given raises (`Invalid` with its place in the file,
    `Stopped`), and no entry comes back; so does one that blames somebody. ``adopt`` adopts at the end.
    """
    given = answers if isinstance(answers, Answers) else Answers(answers)
    rehearsal = _Rehearsal(facts, list(entries), now, zone)
    order = {name: place for place, name in enumerate(_order())}
    known = {script.prompt(name, where=given.places.get(name, "")).id: name for name in given.given}
    if rehearsal.investigation.mode != mode:
        rehearsal.add(interview.raise_mode(rehearsal.investigation, mode))
    for prompt_id in sorted(known, key=lambda one: order[one]):
        written = known[prompt_id]
        rehearsal.give(prompt_id, written, given)
    _describes(rehearsal, known, given)
    if adopt:
        rehearsal.add(interview.adopt(rehearsal.investigation, rehearsal.facts, now))
    return rehearsal.new


def _describes(rehearsal: _Rehearsal, known: Mapping[str, str], given: Answers) -> None:
    """Raise `Stopped` where an answer of the file blames instead of describing, such as naming a person."""
    it = rehearsal.investigation
    for place, hit in wording_check.errors(it, rehearsal.facts):
        if place.prompt_id not in known:
            continue
        rows: Any = it.answers.get(place.prompt_id)
        ids = [row.get("id") for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        row = ids.index(place.name) + 1 if place.name in ids else 0
        written = known[place.prompt_id]
        where = f"{given.place(written, row)}: {place.prompt_id}".lstrip(": ")
        said = f"{place.name} blames ({hit.rule}): “{hit.text}”"
        raise Stopped(said, where=where, do=hit.suggestion)


def _order() -> Iterable[str]:
    """Prompts in the order in which they can be given: the night's first, then the full script."""
    return dict.fromkeys(script.known())


class _Rehearsal:
    """The docket as it would be, entry by entry, without writing any."""

    def __init__(self, facts: CaseFacts, entries: list[Entry], now: datetime, zone: tzinfo) -> None:
        self.facts = facts
        self.entries = entries
        self.now = now
        self.zone = zone
        self.new: list[NewEntry] = []
        self.investigation: Investigation = fold(entries, facts, now)

    def give(self, prompt_id: str, written: str, given: Answers) -> None:
        """Give one answer; its errors carry the place in the file."""
        try:
            answered = interview.answer(
                self.investigation, prompt_id, given.given[written], self.facts, self.now, zone=self.zone
            )
        except TriageError as error:
            row = _ROW.search(error.where)
            place = given.place(written, int(row[1]) if row else 0)
            if place:
                error.where = f"{place}: {error.where}" if error.where else place
            raise
        self.add(answered)

    def add(self, new: Sequence[NewEntry]) -> None:
        """Take ``new`` as written."""
        self.new += new
        written = [self._written(one) for one in new]
        said = [one for one in written if one.subject == "case"]
        if said:
            added = promises_of((), said, self.zone)
            self.facts = replace(self.facts, promises=(*self.facts.promises, *added))
        self.entries += [one for one in written if one.subject == "investigation"]
        self.investigation = fold(self.entries, self.facts, self.now)

    def _written(self, new: NewEntry) -> Entry:
        data = json.loads(json.dumps(new.data))
        case = self.facts.ticket.id
        return Entry("", case, new.subject, new.subject_id, new.kind, self.now, "", "program", data=data)
