"""The page that stands before everything else in a run: it must be decided, and no key decides by default."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from triage.model.clean_text import clean, clean_line
from triage.model.run import Panel
from triage.tui.safe_text import Piece, content
from triage.tui.widgets.pick_list import PickList

HEADS: dict[str, Piece] = {
    "stop": ("■ STOP", "strong-promise"),
    "failed": ("✗ FAILED", "strong-promise"),
    "timed_out": ("✗ TIMED OUT", "strong-promise"),
    "interrupted": ("! INTERRUPTED", "severity"),
    "unknown": ("? NOT KNOWN", "severity"),
}
OUTPUT_LINES = 12
"""Last lines of the output that are shown; the evidence holds all that was kept."""


def panel_head(panel: Panel, title: str) -> Content:
    """What happened at which step, in words."""
    return content(
        HEADS[panel.kind], (f"  at “{clean_line(title)}”", "muted"), (f"\n\n{panel.say}", "strong")
    )


def tail(output: str) -> Content:
    """The last lines of an output."""
    lines = clean(output).rstrip("\n").split("\n")
    cut = f"… {len(lines) - OUTPUT_LINES} lines before\n" if len(lines) > OUTPUT_LINES else ""
    return content((cut, "muted"), ("\n".join(lines[-OUTPUT_LINES:]), ""))


class RunnerPanel(Vertical):
    """Full width; every way out has a number, none is at the cursor."""

    @dataclass
    class Chosen(Message):
        """A person picked a way out."""

        panel: Panel
        choice: str

    def __init__(self, panel: Panel, title: str) -> None:
        super().__init__()
        self.panel = panel
        self.title_of_step = title

    def compose(self) -> ComposeResult:
        """Head, output, ways out."""
        with VerticalScroll(can_focus=False):
            yield Static(panel_head(self.panel, self.title_of_step), classes="panel-head")
            if self.panel.output:
                yield Static(tail(self.panel.output), classes="panel-output")
        yield PickList(self.panel.choices)
        yield Static(content(("pick by number or letter; enter picks nothing by itself", "muted")))

    def on_mount(self) -> None:
        """The list listens, with nothing picked."""
        pick = self.query_one(PickList)
        pick.highlighted = None
        pick.focus()

    @on(PickList.Done)
    def _picked(self, event: PickList.Done) -> None:
        event.stop()
        self.post_message(self.Chosen(self.panel, event.pick.picked[0]))
