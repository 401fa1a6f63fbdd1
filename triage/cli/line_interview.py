"""The investigation as plain questions, one line after the other: for screen readers, slow links and pipes.

The same questions in the same order and under the same rules as on screen (`triage.model.prompt_order`),
without colour or a moving cursor. Every answer is in the docket as soon as it is given, a table as a draft
after every row, so leaving loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from triage.cli import line_rows, times
from triage.cli.line_rows import RowTyping
from triage.desk.desk import Desk
from triage.model import prompt_order
from triage.model.errors import TriageError
from triage.model.investigation import InvestigationView, PromptView, WordingHit
from triage.model.json_value import Json
from triage.model.run import Option

COMMANDS = (
    "Enter accepts what is offered, or skips what need not be answered. n: nothing. ? helps.\n"
    ":e opens your editor. :b goes back. :g Q7 goes there. :p IDEA parks a fix. :t lists the events to cite. "
    ":m says what is missing. :s L03 REASON lets a wording stand. :q leaves; nothing is lost."
)
OPTIONS_SHOWN = 12
_NOTHING = "n"


class _Left(Exception):
    """The person leaves."""


def _no_editor(text: str, suffix: str) -> str:
    return text


@dataclass(slots=True)
class LineInterview:
    """Asks what is not answered yet, in the order of the script."""

    desk: Desk
    read: Callable[[], str | None]
    """The next line without its end; None when there are no more."""
    say: Callable[[str], None]
    edit: Callable[[str, str], str] = _no_editor
    """The text as it stands after the person's editor; the second argument is a file suffix."""
    at: str = ""
    """The prompt in hand; empty at the end."""
    _told_once: set[str] = field(default_factory=set)
    _again: str = ""
    """The prompt whose answer was just refused: it is asked again in one line."""

    async def run(self, view: InvestigationView) -> InvestigationView:
        """Ask until nothing must be asked any more or the person leaves; gives how it stands then."""
        self.say(COMMANDS)
        self.at = view.prompt.id if view.prompt is not None and view.investigation.state != "adopted" else ""
        try:
            while prompt := next((one for one in view.prompts if one.id == self.at), None):
                view = await self._turn(view, prompt)
            self.say(
                "Nothing more is asked."
                if view.violations
                else "Nothing more is asked, and nothing is missing."
            )
        except _Left:
            self.say("Kept. Go on with the same words at any time.")
        self._missing(view)
        return view

    async def _turn(self, view: InvestigationView, prompt: PromptView) -> InvestigationView:
        if self._again == prompt.id:
            self.say(f"{prompt.id} again: {prompt.ask}")
        else:
            self._show(view, prompt)
        self._again = ""
        line = self._line()
        try:
            if line == "?":
                more = f" {line_rows.ROW_COMMANDS}" if prompt.type == "rows" else ""
                self.say(f"{prompt.help} For example: {prompt.example}{more}\n{COMMANDS}")
            elif line.startswith(":") and line[1:2].isalpha():
                return await self._command(view, prompt, line)
            elif prompt.type == "rows":
                return await self._table(view, prompt, line)
            elif not line and self._may_pass(prompt):
                self.at = prompt_order.open_after(view, prompt.id)
            else:
                return await self._give(view, prompt, self._answer(prompt, line))
        except TriageError as problem:
            self.say(f"! {problem}")
            self._again = prompt.id
        return view

    def _may_pass(self, prompt: PromptView) -> bool:
        """Whether Enter leaves the question as it is: answered before, or optional with nothing to accept."""
        if _draft(prompt):
            return False
        return prompt.value is not None or (prompt.prefill is None and not prompt.required)

    async def _give(self, view: InvestigationView, prompt: PromptView, value: Json) -> InvestigationView:
        value = await self._checked(view, prompt, value)
        view = await self.desk.investigations.answer(view.investigation.id, prompt.id, value)
        self.at = prompt_order.open_after(view, prompt.id)
        return view

    def _answer(self, prompt: PromptView, line: str) -> Json:
        if not line and _draft(prompt):
            return _draft(prompt)
        if not line:
            return "accept" if prompt.prefill is not None else ""
        return [] if line == _NOTHING and prompt.type in {"lines", "multi"} else line

    async def _table(self, view: InvestigationView, prompt: PromptView, line: str) -> InvestigationView:
        """Give the rows in hand, or change one of them; a changed table is a draft until Enter gives it."""
        rows = line_rows.held_rows(prompt)
        if line == _NOTHING:
            return await self._give(view, prompt, [])
        if line:
            typing = RowTyping(prompt, self._cell, self.say, rows)
            try:
                typing.change(line)
            except _Left:
                await self._keep_rows(view, prompt, typing.rows)
                raise
            return await self._keep_rows(view, prompt, typing.rows)
        if prompt.draft:
            return await self._give(view, prompt, list(rows))
        if prompt.value is None and prompt.prefill is not None:
            return await self._give(view, prompt, "accept")
        if prompt.value is None and prompt.required:
            return await self._give(view, prompt, [])
        self.at = prompt_order.open_after(view, prompt.id)
        return view

    async def _keep_rows(
        self, view: InvestigationView, prompt: PromptView, rows: list[line_rows.Row]
    ) -> InvestigationView:
        name = view.investigation.id
        for hit in await self._hits(view, prompt, "\n".join(_words_of(one) for one in rows)):
            self._tell(hit)
        await self.desk.investigations.save_draft(name, prompt.id, line_rows.draft_of(rows))
        return await self.desk.investigations.goto(name, prompt.id)

    async def _hits(self, view: InvestigationView, prompt: PromptView, text: str) -> tuple[WordingHit, ...]:
        if prompt.lint_as == "none" or not text:
            return ()
        return await self.desk.investigations.wording(text, prompt.lint_as, view.investigation.id)

    async def _checked(self, view: InvestigationView, prompt: PromptView, value: Json) -> Json:
        """The value, after its words were looked at; what blames is shown and may be written anew."""
        if prompt.type not in {"text", "lines"} or not isinstance(value, str) or value == "accept":
            return value
        hits = await self._hits(view, prompt, value)
        for hit in hits:
            self._tell(hit)
        if any(hit.level == "error" for hit in hits):
            self.say("  Enter keeps it, or write it anew:")
            return self._line() or value
        return value

    def _tell(self, hit: WordingHit) -> None:
        self.say(f"  {hit.level} {hit.rule} “{hit.text}”: {hit.suggestion}")

    async def _command(self, view: InvestigationView, prompt: PromptView, line: str) -> InvestigationView:
        word, _, rest = line[1:].partition(" ")
        name, desk = view.investigation.id, self.desk.investigations
        if word == "q":
            raise _Left
        if word == "p":
            view = await desk.park_fix(name, rest)
            self.say("Parked.")
        elif word == "g":
            view = await desk.goto(name, rest.strip().upper())
            self.at = view.prompt.id if view.prompt is not None else ""
        elif word == "b":
            self.at = prompt_order.before(view, prompt.id)
        elif word == "e":
            return await self._edited(view, prompt)
        elif word == "s":
            rule, _, reason = rest.partition(" ")
            view = await desk.silence(name, prompt.id, rule.upper(), reason)
            self.say("It stands, with your reason.")
        elif word == "t":
            for event in view.investigation.timeline:
                first = event.text.partition("\n")[0]
                self.say(f"  {event.id} {event.at:%d %b %H:%M} UTC {event.kind}: {first}")
        elif word == "m":
            self._missing(view)
        else:
            self.say(COMMANDS)
        return view

    async def _edited(self, view: InvestigationView, prompt: PromptView) -> InvestigationView:
        """Write the answer in the person's editor."""
        if prompt.type == "rows":
            text = self.edit(line_rows.as_text(line_rows.held_rows(prompt)), ".yaml")
            return await self._keep_rows(view, prompt, line_rows.from_text(text, prompt.id))
        if prompt.type not in {"text", "lines"}:
            self.say("This one is answered in a line.")
            return view
        offered = _draft(prompt) or (prompt.value if prompt.value is not None else prompt.prefill)
        lines = offered if isinstance(offered, (list, tuple)) else [offered or ""]
        text = "\n".join(str(one) for one in lines)
        return await self._give(view, prompt, self.edit(text, ".md").strip())

    def _show(self, view: InvestigationView, prompt: PromptView) -> None:
        it = view.investigation
        budget = f"{it.minutes_spent:.0f} of {view.seconds_budget / 60:.0f} min"
        promise = times.promise(view.next_promise_due, datetime.now(UTC))
        needed = "required" if prompt.required else "may be skipped"
        self.say(f"\n{prompt.number} of {prompt.count}, {prompt.id}, {needed}. {budget}. Promise: {promise}.")
        title = prompt.title if prompt.title.endswith(("?", ".")) or not prompt.title else f"{prompt.title}."
        self.say(f"{title} {prompt.ask}".strip())
        for number, option in enumerate(prompt.options[:OPTIONS_SHOWN], start=1):
            self.say(f"  {number} {option.label}")
        if prompt.safeguards:
            self.say(f"  Nearest safeguards: {', '.join(prompt.safeguards)}")
        if prompt.type == "rows" and prompt.id not in self._told_once:
            self._told_once.add(prompt.id)
            self.say(f"  {line_rows.ROW_COMMANDS}")
        self._show_held(prompt)

    def _show_held(self, prompt: PromptView) -> None:
        """What Enter would give, and where it is from."""
        offered = prompt.value if prompt.value is not None else prompt.prefill
        said = "given" if prompt.value is not None else f"from {prompt.prefill_from or 'the ticket'}"
        if _draft(prompt):
            offered = line_rows.held_rows(prompt) if prompt.type == "rows" else prompt.draft
            said = "yours, not given yet"
        if offered is None:
            return
        self.say(f"  [{said}]")
        for number, row in enumerate(_words(offered, prompt.options), start=1):
            self.say(f"  {number}. {row}" if prompt.type == "rows" and offered else f"  {row}")
        if prompt.value is None and not _draft(prompt) and prompt.prefill_lacks:
            self.say(f"  Not an answer yet: {prompt.prefill_lacks}")

    def _missing(self, view: InvestigationView) -> None:
        for one in view.violations:
            self.say(f"{one.level} {one.rule} at {one.prompt_id}: {one.text}")

    def _cell(self) -> str:
        line = self._line()
        if line == ":q":
            raise _Left
        return line

    def _line(self) -> str:
        line = self.read()
        if line is None:
            raise _Left
        return line.strip()


def _draft(prompt: PromptView) -> str:
    """What was written and not given, where a line can give it: drafts of choices belong to the screen."""
    return prompt.draft if prompt.type in {"text", "lines", "rows"} else ""


def _words_of(row: Mapping[str, Any]) -> str:
    return "\n".join(str(one) for one in row.values() if isinstance(one, str))


def _words(value: Any, options: tuple[Option, ...]) -> list[str]:
    if value is True:
        return ["yes"]
    if isinstance(value, Mapping):
        return [", ".join(f"{name} {_word(one)}" for name, one in value.items() if one not in ("", None, []))]
    if isinstance(value, (list, tuple)):
        return [row for one in value for row in _words(one, options)] or ["nothing"]
    labels = {one.value: one.label for one in options}
    return [labels.get(str(value), str(value))]


def _word(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
