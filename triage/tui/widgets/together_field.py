"""Several steps on one screen: worked from memory, then confirmed line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from triage.model.clean_text import clean_line
from triage.model.json_value import Json
from triage.model.run import Option, StepView
from triage.tui.safe_text import content
from triage.tui.widgets.answer_form import NotAnswered
from triage.tui.widgets.pick_list import PickList


def stands_together(step: StepView) -> bool:
    """Whether more than this step is confirmed on its screen."""
    return len(step.together) > 1


class TogetherField(Vertical):
    """A tick for every instruction and for every item of a checklist, in the order of the playbook."""

    def __init__(self, steps: Sequence[StepView]) -> None:
        super().__init__()
        self.steps = tuple(steps)

    def compose(self) -> ComposeResult:
        """What to do with the page, then the lines."""
        yield Static(
            content(
                (f"{len(self.steps)} steps from memory. ", "strong-accent"),
                ("Do them, then tick what was done: this is the check, not the order to work in.", ""),
            ),
            classes="decision",
        )
        yield PickList(list(_lines(self.steps)), many=True)
        yield Static(
            content(
                ("enter confirms down to the first step without a tick; that one then stands alone", "muted")
            ),
            classes="kept-here",
        )

    def answers(self) -> dict[str, Json]:
        """An answer for each step down to the first that has no tick. Raises `NotAnswered` for none."""
        ticked = set(self.query_one(PickList).picked)
        given: dict[str, Json] = {}
        for step in self.steps:
            items: list[Json] = [
                item for number, item in enumerate(step.items) if f"{step.id}#{number}" in ticked
            ]
            if not items and step.id not in ticked:
                break
            given[step.id] = items if step.items else True
        if not given:
            raise NotAnswered(
                f"Tick what was done; {clean_line(self.steps[0].title)!r} is the first. k skips it."
            )
        return given


def _lines(steps: Sequence[StepView]) -> Iterator[Option]:
    for step in steps:
        title = clean_line(step.title) + (" (required)" if step.required else "")
        for number, item in enumerate(step.items):
            yield Option(f"{step.id}#{number}", f"{title}: {clean_line(item)}")
        if not step.items:
            text = clean_line(step.text)
            yield Option(step.id, f"{title}. {text}" if text else title)
