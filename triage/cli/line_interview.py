"""The investigation as plain questions, one line after the other: for screen readers, slow links and pipes.

Every answer is in the docket as soon as it is given, so leaving loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from triage.cli import times
from triage.desk.desk import Desk
from triage.model.errors import TriageError
from triage.model.investigation import InvestigationView, PromptColumn, PromptView
from triage.model.json_value import Json
from triage.model.run import Option

COMMANDS = (
    "Enter accepts what is offered, or skips what need not be answered. n: nothing. add: one more row. "
    ":p IDEA parks a fix, :g Q7 goes there, :m says what is missing, ? helps, :q leaves; nothing is lost."
)
_NOTHING = "n"
_ADD = "add"


class _Left(Exception):
    """The person leaves."""


@dataclass(slots=True)
class LineInterview:
    """Asks what is not answered yet, in order."""

    desk: Desk
    read: Callable[[], str | None]
    """The next line without its end; None when there are no more."""
    say: Callable[[str], None]
    skipped: set[str] = field(default_factory=set)
    at: str = ""
    """A prompt somebody went to; empty for the next one open."""

    async def run(self, view: InvestigationView) -> InvestigationView:
        """Ask until everything is asked or the person leaves; gives how it stands then."""
        self.say(COMMANDS)
        try:
            while (prompt := self._next(view)) is not None:
                view = await self._turn(view, prompt)
        except _Left:
            self.say("Kept. Go on with the same words at any time.")
        self._missing(view)
        return view

    def _next(self, view: InvestigationView) -> PromptView | None:
        if self.at:
            return next((one for one in view.prompts if one.id == self.at), None)
        return next((one for one in view.prompts if one.value is None and one.id not in self.skipped), None)

    async def _turn(self, view: InvestigationView, prompt: PromptView) -> InvestigationView:
        self._show(view, prompt)
        line = self._line()
        name = view.investigation.id
        try:
            if line == "?":
                self.say(f"{prompt.help} For example: {prompt.example}\n{COMMANDS}")
            elif line.startswith(":"):
                return await self._command(view, line)
            elif not line and prompt.prefill is None and not prompt.required:
                self.skipped.add(prompt.id)
                self.at = ""
            else:
                value = await self._checked(view, prompt, self._answer(prompt, line))
                view = await self.desk.investigations.answer(name, prompt.id, value)
                self.at = ""
        except TriageError as problem:
            self.say(f"! {problem}")
        return view

    def _answer(self, prompt: PromptView, line: str) -> Json:
        if not line:
            return "accept" if prompt.prefill is not None else ""
        if prompt.type != "rows":
            return [] if line == _NOTHING and prompt.type in {"lines", "multi"} else line
        if line == _NOTHING:
            return []
        held = prompt.value if prompt.value is not None else prompt.prefill
        rows: list[Json] = list(held) if isinstance(held, (list, tuple)) and line == _ADD else []
        first = "" if line == _ADD else line
        return [*rows, self._row(prompt, first)]

    def _row(self, prompt: PromptView, first: str) -> dict[str, Json]:
        """One row, column by column; ``first`` is the first one's value where it was typed already."""
        row: dict[str, Json] = {}
        for column in prompt.columns:
            if first and column.type == "text" and column.name != "id":
                row[column.name], first = first, ""
                continue
            self.say(f"  {column.label}{_choices(column)}{' (required)' if column.required else ''}:")
            if value := self._line():
                row[column.name] = value
        return row

    async def _checked(self, view: InvestigationView, prompt: PromptView, value: Json) -> Json:
        """The value, after its words were looked at; what blames is shown and may be written anew."""
        if (
            prompt.lint_as == "none"
            or prompt.type != "text"
            or not isinstance(value, str)
            or value == "accept"
        ):
            return value
        hits = await self.desk.investigations.wording(value, prompt.lint_as, view.investigation.id)
        for hit in hits:
            self.say(f"  {hit.level} {hit.rule} “{hit.text}”: {hit.suggestion}")
        if any(hit.level == "error" for hit in hits):
            self.say("  Enter keeps it, or write it anew:")
            return self._line() or value
        return value

    async def _command(self, view: InvestigationView, line: str) -> InvestigationView:
        word, _, rest = line[1:].partition(" ")
        if word == "q":
            raise _Left
        if word == "p":
            self.say("Parked.")
            return await self.desk.investigations.park_fix(view.investigation.id, rest)
        if word == "g":
            found = await self.desk.investigations.goto(view.investigation.id, rest.strip().upper())
            self.at = found.prompt.id if found.prompt is not None else ""
            return found
        if word == "m":
            self._missing(view)
        else:
            self.say(COMMANDS)
        return view

    def _show(self, view: InvestigationView, prompt: PromptView) -> None:
        it = view.investigation
        budget = f"{it.minutes_spent:g} of {view.seconds_budget / 60:g} min"
        promise = times.promise(view.next_promise_due, datetime.now(UTC))
        needed = "required" if prompt.required else "may be skipped"
        self.say(f"\n{prompt.number} of {prompt.count}, {prompt.id}, {needed}. {budget}. Promise: {promise}.")
        self.say(f"{prompt.title}. {prompt.ask}" if prompt.title else prompt.ask)
        for number, option in enumerate(prompt.options[:12], start=1):
            self.say(f"  {number} {option.label}")
        offered = prompt.value if prompt.value is not None else prompt.prefill
        if offered is not None:
            said = "given" if prompt.value is not None else f"from {prompt.prefill_from or 'the ticket'}"
            self.say(f"  [{said}]")
            for row in _words(offered, prompt.options):
                self.say(f"  {row}")

    def _missing(self, view: InvestigationView) -> None:
        for one in view.violations:
            self.say(f"{one.level} {one.rule} at {one.prompt_id}: {one.text}")

    def _line(self) -> str:
        line = self.read()
        if line is None:
            raise _Left
        return line.strip()


def _choices(column: PromptColumn) -> str:
    return f" [{', '.join(one.value for one in column.options)}]" if column.options else ""


def _words(value: Any, options: tuple[Option, ...]) -> list[str]:
    if isinstance(value, Mapping):
        return [", ".join(f"{name} {_word(one)}" for name, one in value.items() if one not in ("", None, []))]
    if isinstance(value, (list, tuple)):
        return [row for one in value for row in _words(one, options)] or ["nothing"]
    labels = {one.value: one.label for one in options}
    return [labels.get(str(value), str(value))]


def _word(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
