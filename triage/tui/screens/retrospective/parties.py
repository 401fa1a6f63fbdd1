"""Who is heard in an investigation: asked, answered, silent, of another view; and opening it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.model.investigation import Investigation, Party
from triage.tui import work
from triage.tui.keys import BACK, HELP
from triage.tui.party_words import PROPOSED, SideRow, all_sides, name, parties_in_short, said_text, side_rows
from triage.tui.safe_text import Piece
from triage.tui.screens.choice import Choice, ChoiceScreen
from triage.tui.screens.retrospective.statement import StatementScreen
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from triage.tui.shell import Shell

_SILENT = (
    Choice("declined", "does not wish to say", "they were heard: they have nothing to add", "1"),
    Choice("no_reply", "never answered", "the work goes on without them", "2"),
)
_PARTS = (
    Choice("findings", "what they propose to find", "beside our findings, and changing none", "1"),
    Choice("cause", "what they take for the cause", "", "2"),
    Choice("recommendations", "what they would have changed", "", "3"),
)


class PartiesScreen(Screen[None]):
    """Every side, what it said, and the dissents."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "all it said", id="parties.open"),
        Binding("i", "invite", "ask it", id="parties.invite"),
        Binding("w", "submission", "write its answer", id="parties.submission"),
        Binding("d", "silent", "declined or silent", id="parties.silent"),
        Binding("D", "dissent", "dissent", id="parties.dissent"),
        Binding("N", "reopen", "new evidence: reopen", id="parties.reopen"),
        Binding("V", "earlier", "earlier versions", id="parties.earlier"),
        *BACK,
        *HELP,
    ]

    def __init__(self, investigation_id: str) -> None:
        super().__init__()
        self._wanted = investigation_id
        self._it: Investigation | None = None
        self.head = TextLine()
        self.list: VirtualList[SideRow] = VirtualList(lambda row, _width: row.pieces)

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Head, sides, keys."""
        yield self.head
        yield Rule()
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads it, and again whenever something changes."""
        self.list.say_empty([("Reading.", "muted")])
        self.list.focus()
        self.triage.changed.subscribe(self, lambda _ticket: self.reload())
        work.start(self, self._read(), group="read", keys_wait=True)

    def on_resize(self) -> None:
        """Wrapped anew."""
        self._tell()

    def reload(self) -> None:
        """Reads it anew."""
        work.start(self, self._read(), group="read")

    async def _read(self) -> None:
        desk = await self.triage.ready()
        self._it = (await desk.investigations.view(self._wanted)).investigation
        self._tell()

    def _tell(self) -> None:
        it = self._it
        if it is None:
            return
        heard = parties_in_short(it) or "nobody was asked yet"
        self.head.left = ((f" {it.ticket_key} ", "strong"), (it.id, "accent"), (" · parties", ""))
        self.head.right = ((f"{heard} · {it.state.replace('_', ' ')} ", "muted"),)
        due = self.triage.desk.parties.answer_due
        now, zone = self.triage.clock(), self.triage.zone
        rows = side_rows(it, due, now=now, zone=zone, width=max(40, self.size.width - 2))
        held = self.list.current.side if self.list.current else ""
        place = next((n for n, row in enumerate(rows) if held and row.side == held), self.list.cursor)
        self.list.show(rows, cursor=place)
        self.refresh_bindings()

    @on(VirtualList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    def _party(self) -> Party | None:
        """The side under the cursor."""
        side = self.list.current.side if self.list.current else ""
        if self._it is None or not side:
            return None
        return next(one for one in all_sides(self._it) if one.kind == side)

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is live only where it can do something."""
        it, party = self._it, self._party()
        if action == "invite":
            return party is not None and party.submission in ("not_invited", "no_reply")
        if action in ("submission", "dissent"):
            return party is not None
        if action == "silent":
            return party is not None and party.submission == "invited"
        if action == "open":
            return party is not None and party.submission != "not_invited"
        if action == "reopen":
            return it is not None and it.state == "adopted"
        if action == "earlier":
            return it is not None and bool(it.superseded)
        return True

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """All that the side under the cursor has said."""
        from triage.tui.screens.text_page import TextPage

        if (party := self._party()) is not None:
            self.app.push_screen(TextPage(name(party.kind), said_text(party, self.triage.clock())))

    def action_invite(self) -> None:
        """Asks the side for its account."""
        if (party := self._party()) is not None:
            work.start(self, self._invite(party), group="change", newest=False, keys_wait=True)

    async def _invite(self, party: Party) -> None:
        await self.triage.desk.parties.invite(self._wanted, party.kind)
        self._changed(f"{name(party.kind)} is asked; it has two working days. Nothing was sent: tell them.")

    def action_silent(self) -> None:
        """The side does not wish to say anything, or has never answered."""
        if (party := self._party()) is not None:
            work.start(self, self._silent(party), group="change", newest=False)

    async def _silent(self, party: Party) -> None:
        picked = await self.app.push_screen_wait(ChoiceScreen(f"{name(party.kind)}:", _SILENT))
        if picked is not None:
            await self.triage.desk.parties.decline(self._wanted, party.kind, silent=picked == "no_reply")
            self._changed("")

    def action_submission(self) -> None:
        """Writes down what the side proposes, part by part."""
        if (party := self._party()) is not None:
            work.start(self, self._submission(party), group="change", newest=False)

    async def _submission(self, party: Party) -> None:
        part = await self.app.push_screen_wait(ChoiceScreen(f"{name(party.kind)}: its words about", _PARTS))
        if part is None:
            return

        async def put_down(text: str) -> None:
            words = {one: text if one == part else "" for one in PROPOSED}
            await self.triage.desk.parties.submit(self._wanted, party.kind, **words)

        heading = f" {name(party.kind)}: proposed {part}, in its own words; printed in the docket"
        self._write(heading, f"party {self._wanted} {party.kind} {part}", put_down, getattr(party, part))

    def action_dissent(self) -> None:
        """Writes down what the side sees differently."""
        if (party := self._party()) is None:
            return

        async def put_down(text: str) -> None:
            await self.triage.desk.parties.dissent(self._wanted, party.kind, text)

        heading = f" DISSENT of {name(party.kind)}: printed as written, and the verdict stands"
        self._write(heading, f"dissent {self._wanted} {party.kind}", put_down)

    def action_reopen(self) -> None:
        """Opens an adopted investigation again for new evidence."""
        if self._it is not None:
            self.app.push_screen(reopening(self._it, self.triage))

    def action_earlier(self) -> None:
        """Reads an earlier final version."""
        if self._it is not None:
            work.start(self, read_earlier(self._it, self), group="change", newest=False)

    def _write(
        self, heading: str, slot: str, put_down: Callable[[str], Awaitable[None]], start: str = ""
    ) -> None:
        it = self._it
        if it is not None:
            self.app.push_screen(
                StatementScreen(
                    it.case_id, it.ticket_key, ((heading, "accent"),), slot, put_down, start=start
                )
            )

    def _changed(self, words: str) -> None:
        if words:
            self.triage.say(words)
        if self._it is not None:
            self.triage.changed.publish(self._it.case_id)

    def action_back(self) -> None:
        """To the investigation."""
        self.dismiss()


def reopening(it: Investigation, app: Shell) -> StatementScreen:
    """The page where the new evidence is written for which ``it`` is opened again."""

    async def put_down(text: str) -> None:
        await app.desk.investigations.reopen(it.id, text)
        app.say(f"{it.id} is open again. What was adopted can still be read; adopting supersedes it.")

    words: tuple[Piece, ...] = (
        (f" NEW EVIDENCE on {it.id} ", "strong-accent"),
        ("opens it again; what was adopted stays readable", "muted"),
    )
    return StatementScreen(it.case_id, it.ticket_key, words, f"reopen {it.id}", put_down)


async def read_earlier(it: Investigation, screen: Screen[Any]) -> None:
    """Lets a person choose one of the final versions that were superseded, and shows its report."""
    from triage.tui.clock_words import clock
    from triage.tui.screens.retrospective.text import TextScreen

    app = cast("Shell", screen.app)
    now, zone = app.clock(), app.zone
    choices: Sequence[Choice] = [
        Choice(str(n), f"final version {n}", f"adopted {clock(at, now, zone)}", str(n) if n < 10 else "")
        for n, at in enumerate(it.superseded, start=1)
    ]
    picked = await app.push_screen_wait(ChoiceScreen(f"{it.id}: which version?", choices))
    if picked is not None:
        text = await app.desk.investigations.report(it.id, int(picked))
        await work.on_top(screen)
        app.push_screen(TextScreen((f"Final version {picked}, superseded", "strong"), text))
