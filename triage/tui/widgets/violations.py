"""What an investigation still lacks, in plain words, one key away from the place to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option as ListOption

from triage.model.clean_text import clean_line
from triage.model.investigation import Violation
from triage.tui.safe_text import content


def violation_line(violation: Violation) -> Content:
    """One rule that does not hold: how much it weighs, in plain words, and the rule's number."""
    must = violation.level == "error"
    where = " · ".join(part for part in (violation.rule, violation.prompt_id) if part)
    return content(
        ("✗ must    " if must else "! should  ", "promise" if must else "severity"),
        (clean_line(violation.text), ""),
        (f"  {clean_line(where)}", "muted"),
    )


class ViolationList(OptionList):
    """The list; Enter on a line leads to the prompt that mends it."""

    @dataclass
    class Mend(Message):
        """A person wants to mend this one now."""

        prompt_id: str

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._violations: tuple[Violation, ...] = ()

    def show(self, violations: Sequence[Violation]) -> None:
        """Draw the violations, those that must be mended first."""
        self._violations = tuple(sorted(violations, key=lambda one: one.level != "error"))
        self.clear_options()
        self.add_options([ListOption(violation_line(one)) for one in self._violations])
        if self._violations:
            self.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Turn the row into the prompt that mends it."""
        event.stop()
        prompt_id = self._violations[event.option_index].prompt_id
        if prompt_id:
            self.post_message(self.Mend(prompt_id))
