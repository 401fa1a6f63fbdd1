"""Trusting the commands of a playbook: every one is listed before a person says yes.

After a change of a text that was trusted only what differs is shown; the whole is one key away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from triage.model.clean_text import clean, clean_line
from triage.model.run import CommandView, TrustLevel
from triage.model.trust import CommandChange, TrustPage, UsedPlaybook
from triage.tui.safe_text import Piece, content
from triage.tui.widgets.command_sheet import command_sheet
from triage.tui.widgets.key_line import KeyLine
from triage.tui.work import on_top, start

if TYPE_CHECKING:
    from triage.tui.shell import Shell

LEVEL_WORDS: dict[TrustLevel, tuple[str, str]] = {
    "none": ("not trusted", "severity"),
    "read": ("read-only commands are trusted", "good"),
    "run": ("commands that change something are trusted too", "good"),
    "shipped": ("shipped with Triage: read-only commands are trusted", "good"),
}


class TrustScreen(Screen[str | None]):
    """All commands of one playbook. Capital letters say yes, so that no key meant for another page does."""

    CSS_PATH = "trust.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "trust('read')", "trust read-only ones"),
        Binding("C", "trust('run')", "trust changes too"),
        Binding("a", "all", "all commands, or the changed ones"),
        *(
            Binding(
                str(number), f"open_used({number})", "a playbook it uses", show=number == 1, key_display="1-9"
            )
            for number in range(1, 10)
        ),
        Binding("q,escape", "leave", "leave"),
    ]

    def __init__(self, playbook_id: str) -> None:
        super().__init__()
        self.playbook_id = playbook_id
        self.page: TrustPage | None = None
        self.whole = False
        """Every command is shown although only some changed."""
        self.decided: str | None = None

    def compose(self) -> ComposeResult:
        """Heading, commands, keys."""
        yield Static(id="trust-head", classes="trust-head")
        yield VerticalScroll(Static(id="commands"))
        yield KeyLine()

    def on_mount(self) -> None:
        """List the commands."""
        start(self, self._load(), group="load", keys_wait=True)

    async def _load(self) -> None:
        self.page = await cast("Shell", self.app).desk.playbooks.consent.page(self.playbook_id)
        self._show(self.page)

    def _show(self, page: TrustPage) -> None:
        self.query_one("#trust-head", Static).update(trust_head(page))
        shown = listing(page.commands) if self.whole or page.change is None else changed(page.change)
        self.query_one("#commands", Static).update(Content("\n\n").join([shown, *used(page.uses)]))
        self.refresh_bindings()

    def action_trust(self, level: str) -> None:
        """Say yes to ``read`` (read-only ones) or ``run`` (changes too; destructive ones always ask)."""
        if self.page is not None:
            start(self, self._trust(level), group="verb", newest=False, keys_wait=True)

    async def _trust(self, level: str) -> None:
        app = cast("Shell", self.app)
        await app.desk.playbooks.trust(self.playbook_id, "run" if level == "run" else "read")
        words = LEVEL_WORDS["run" if level == "run" else "read"][0]
        app.say(f"{clean_line(self.playbook_id)}: {words}.")
        self.decided = level
        if self.page is not None and any(one.level == "none" and not one.problem for one in self.page.uses):
            await self._load()  # those it uses need a yes of their own, asked for here
        else:
            await on_top(self)
            self.dismiss(level)

    def action_all(self) -> None:
        """Every command, or again only the changed ones."""
        if self.page is not None:
            self.whole = not self.whole
            self._show(self.page)

    def action_open_used(self, number: int) -> None:
        """Open the page of the playbook that stands at ``number``."""
        uses = self.page.uses if self.page else ()
        if number <= len(uses) and not uses[number - 1].problem:

            def looked(_: str | None) -> None:
                start(self, self._load(), group="load", keys_wait=True)

            self.app.push_screen(TrustScreen(uses[number - 1].id), looked)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what there is to look at."""
        if action == "all":
            return self.page is not None and self.page.change is not None
        return self.page is not None and bool(self.page.uses) if action == "open_used" else True

    def action_leave(self) -> None:
        """Trust nothing more."""
        self.dismiss(self.decided)


def trust_head(page: TrustPage) -> Content:
    """Whose commands, how far they are trusted now, and what a yes means."""
    words, tone = LEVEL_WORDS[page.level]
    return content(
        ("Commands of ", "strong"),
        (f"{clean_line(page.playbook_id)} v{page.version}", "strong-accent"),
        ("   ", ""),
        (words, tone),
        (f"\n{clean_line(page.path)}", "muted"),
        (
            "\nTrust is consent and a record, not a sandbox: a trusted command has your rights. "
            "It holds for exactly this text; each run still asks.",
            "muted",
        ),
    )


def changed(change: CommandChange) -> Content:
    """Only the commands that differ from those that were trusted."""
    tones = {"+": "good", "-": "promise"}
    pieces: list[Piece] = [(f"{change.said}\n\n", "severity")]
    pieces += [(f"{clean(line)}\n", tones.get(line[:1], "muted")) for line in change.lines]
    return content(*pieces, ("\na shows all of them", "muted"))


def used(uses: tuple[UsedPlaybook, ...]) -> list[Content]:
    """The playbooks it goes into, each with its own trust; nothing when it uses none."""
    if not uses:
        return []
    pieces: list[Piece] = [
        ("It uses other playbooks. Each needs a yes of its own; its number shows it.\n", "strong")
    ]
    for number, one in enumerate(uses, start=1):
        words, tone = (clean_line(one.problem), "promise") if one.problem else LEVEL_WORDS[one.level]
        pieces += [(f"{number}  ", "accent"), (f"{clean_line(one.id)}  ", ""), (f"{words}\n", tone)]
    return [content(*pieces)]


def listing(commands: tuple[CommandView, ...]) -> Content:
    """Every command whole, with a number."""
    if not commands:
        return content(("This playbook has no commands.", "muted"))
    parts = [
        content((f"{number} of {len(commands)}\n", "muted")) + command_sheet(command)
        for number, command in enumerate(commands, start=1)
    ]
    return Content("\n\n").join(parts)
