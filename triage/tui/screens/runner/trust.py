"""Trusting the commands of a playbook: every one is listed before a person says yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from triage.model.clean_text import clean_line
from triage.model.run import CommandView
from triage.tui.safe_text import content
from triage.tui.widgets.command_sheet import command_sheet
from triage.tui.widgets.key_line import KeyLine
from triage.tui.work import start

if TYPE_CHECKING:
    from triage.tui.shell import Shell


class TrustScreen(Screen[str | None]):
    """All commands of one playbook. Capital letters say yes, so that no key meant for another page does."""

    CSS_PATH = "trust.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "trust('read')", "trust read-only ones"),
        Binding("C", "trust('run')", "trust changes too"),
        Binding("q,escape", "leave", "leave"),
    ]

    def __init__(self, playbook_id: str) -> None:
        super().__init__()
        self.playbook_id = playbook_id

    def compose(self) -> ComposeResult:
        """Heading, commands, keys."""
        yield Static(
            content(
                ("Commands of ", "strong"),
                (clean_line(self.playbook_id), "strong-accent"),
                (
                    "\nTrust is consent and a record, not a sandbox: a trusted command has your rights. "
                    "It holds for exactly this text; each run still asks.",
                    "muted",
                ),
            ),
            classes="trust-head",
        )
        yield VerticalScroll(Static(id="commands"))
        yield KeyLine()

    def on_mount(self) -> None:
        """List the commands."""
        start(self, self._load(), group="load")

    async def _load(self) -> None:
        commands = await cast("Shell", self.app).desk.playbooks.trust_listing(self.playbook_id)
        self.query_one("#commands", Static).update(listing(commands))

    def action_trust(self, level: str) -> None:
        """Say yes to ``read`` (read-only ones) or ``run`` (changes too; destructive ones always ask)."""
        start(self, self._trust(level), group="verb", newest=False)

    async def _trust(self, level: str) -> None:
        app = cast("Shell", self.app)
        await app.desk.playbooks.trust(self.playbook_id, "run" if level == "run" else "read")
        app.say(f"{clean_line(self.playbook_id)} is trusted: {level}.")
        self.dismiss(level)

    def action_leave(self) -> None:
        """Trust nothing."""
        self.dismiss(None)


def listing(commands: tuple[CommandView, ...]) -> Content:
    """Every command whole, with a number."""
    if not commands:
        return content(("This playbook has no commands.", "muted"))
    parts = [
        content((f"{number} of {len(commands)}\n", "muted")) + command_sheet(command)
        for number, command in enumerate(commands, start=1)
    ]
    return Content("\n\n").join(parts)
