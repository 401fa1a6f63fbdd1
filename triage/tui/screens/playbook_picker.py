"""Choosing a playbook: a run to go on with, those that fit and why, then all of them.

The first Enter shows when it applies and what must be known by heart; only a second one starts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option as ListOption

from triage.model.case import RunSummary
from triage.model.clean_text import clean_line
from triage.model.run import PlaybookSummary, Suggestion
from triage.tui.clock_words import ago
from triage.tui.safe_text import Piece, content
from triage.tui.widgets.hanging_text import HangingText
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.place_list import MARKS
from triage.tui.work import start

if TYPE_CHECKING:
    from triage.tui.shell import Shell


LEAD = 10
"""Cells before the words of an offer: how well it fits, or that it is gone on with."""

TRUST_WORDS = {False: "NOT TRUSTED", True: "CHANGED SINCE TRUSTED"}
"""Of a playbook whose commands do not run here, by whether they did before its file changed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One row: what Enter twice does with it, how it is drawn, what the filter looks at."""

    value: str
    """``continue RUN`` or ``start PLAYBOOK``."""
    playbook_id: str
    lead: Piece
    rows: tuple[tuple[Piece, ...], ...]
    """Lines beside the lead; each is broken at blanks and hangs under its own beginning."""

    @property
    def plain(self) -> str:
        """What the filter looks at."""
        return " ".join(text for row in self.rows for text, _ in row)

    def shown(self, width: int) -> Content:
        """The offer in rows of at most ``width`` cells."""
        parts = [content(*row) for row in self.rows]
        room = max(width - LEAD, 16)
        lines = [line.rstrip_end(room) for part in parts for line in part.wrap(room)]
        indent = content((" " * LEAD, ""))
        begun = content(self.lead) + lines[0]
        return Content("\n").join([begun, *(indent + line for line in lines[1:])])


def offers(
    runs: Sequence[tuple[RunSummary, str]], suggested: Sequence[Suggestion], others: Sequence[PlaybookSummary]
) -> list[Offer]:
    """Runs not over (with how long ago they began), then what fits, best first, then the rest by title."""
    rows = [_run(run, begun) for run, begun in runs if run.status in ("open", "parked")]
    rows += [_playbook(one.playbook, one) for one in suggested]
    fitting = {one.playbook.id for one in suggested}
    rest = [one for one in others if one.id not in fitting and not one.errors]
    return rows + [_playbook(one, None) for one in sorted(rest, key=lambda one: one.title.casefold())]


def _run(run: RunSummary, begun: str) -> Offer:
    row: tuple[Piece, ...] = (
        (clean_line(run.playbook_id), "strong"),
        (f"  {run.done}/{run.path_length} · {run.status} · begun {begun}", "muted"),
    )
    lead = f"{MARKS['current'][0]} go on"
    return Offer(f"continue {run.id}", run.playbook_id, (f"{lead:<{LEAD}}", "strong-accent"), (row,))


def _playbook(one: PlaybookSummary, fits: Suggestion | None) -> Offer:
    lead: Piece = (f"{fits.score:4.0%} fits ", "good") if fits else (" " * LEAD, "")
    facts = [f"{one.steps} steps"]
    if one.minutes:
        facts.append(f"{one.minutes} min")
    badges = [one.status] if one.status != "active" else []
    badges += [one.stale] if one.stale else []
    badges += [TRUST_WORDS[one.trust_ended]] if one.commands and one.trust == "none" else []
    first: list[Piece] = [
        (clean_line(one.title), "strong"),
        (f"  {clean_line(one.id)} · {' · '.join(facts)}", "muted"),
    ]
    first += [(f" · {clean_line(badge)}", "severity") for badge in badges]
    rows = [tuple(first)]
    if fits and fits.reasons:
        rows.append(((clean_line("; ".join(fits.reasons)), ""),))
    return Offer(f"start {one.id}", one.id, lead, tuple(rows))


class OfferList(OptionList):
    """The rows; Enter is named on the line of keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "look, then start")]

    def __init__(self) -> None:
        super().__init__()
        self._offers: list[Offer] = []

    def show(self, offers: Sequence[Offer]) -> None:
        """Draw ``offers`` with the cursor on the first."""
        self._offers = list(offers)
        self.clear_options()
        width = self.scrollable_content_region.width - 2
        self.add_options([ListOption(one.shown(width)) for one in self._offers])
        self.highlighted = 0 if self._offers else None

    def on_resize(self, _: events.Resize) -> None:
        """Rows are broken anew for another width."""
        width = self.scrollable_content_region.width - 2
        for at, one in enumerate(self._offers):
            self.replace_option_prompt_at_index(at, one.shown(width))


class PlaybookPicker(Screen[str | None]):
    """The list and, beside it, the playbook at hand.

    The result is ``continue RUN``, ``start PLAYBOOK`` or None.
    """

    CSS_PATH = "playbook_picker.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as declared
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "look, then start", id="playbooks.open"),
        Binding("slash", "filter", "filter", id="playbooks.filter"),
        Binding("s", "statistics", "statistics", id="playbooks.statistics"),
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("q,escape", "leave", "back", id="screen.back"),
    ]

    def __init__(self, case_id: str, case_key: str) -> None:
        super().__init__()
        self.case_id = case_id
        self.case_key = case_key
        self.looked_at = ""
        """Value of the offer that is shown in full."""
        self._offers: list[Offer] = []
        self._shown: list[Offer] = []

    def compose(self) -> ComposeResult:
        """Head, filter, list and outline, keys."""
        yield Static(content(("Playbook for ", ""), (clean_line(self.case_key), "strong")), classes="head")
        yield Input(placeholder="words of its title, id or reasons", compact=True)
        with Horizontal():
            yield OfferList()
            yield VerticalScroll(
                Static(content(("Enter starts it · Esc shows the list", "strong-accent")), classes="how"),
                HangingText(widget_id="outline"),
                can_focus=False,
            )
        yield KeyLine()

    def on_mount(self) -> None:
        """Load the offers."""
        self.query_one(Input).display = False
        self.query_one(OptionList).focus()
        start(self, self._load(), group="load", keys_wait=True)

    @property
    def triage(self) -> Shell:
        """The app, with its clock and desk."""
        return cast("Shell", self.app)

    async def _load(self) -> None:
        desk, now = await self.triage.ready(), self.triage.clock()
        case = await desk.cases.open(self.case_id)
        runs = [(run, ago(run.opened_at, now)) for run in case.runs]
        suggested = await desk.playbooks.suggest(self.case_id)
        self._offers = offers(runs, suggested, await desk.playbooks.list())
        # A filter may be typed already: a desk that opens late has let the keys go on.
        self._draw(self.query_one(Input).value)

    def _draw(self, typed: str) -> None:
        words = typed.casefold().split()
        self._shown = [one for one in self._offers if all(word in one.plain.casefold() for word in words)]
        listing = self.query_one(OfferList)
        listing.show(self._shown)
        if not self._shown:
            words_for_none = "No playbook matches. Esc clears." if typed else "There are no playbooks."
            listing.add_option(ListOption(content((words_for_none, "muted")), disabled=True))

    @property
    def at_hand(self) -> Offer | None:
        """The offer under the cursor."""
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    @on(OptionList.OptionSelected)
    def action_open(self) -> None:
        """Show the one under the cursor; when it is shown already, take it."""
        offer = self.at_hand
        if offer is None:
            return
        if offer.value == self.looked_at or offer.value.startswith("continue "):
            self.dismiss(offer.value)
            return
        self.looked_at = offer.value
        self.set_class(True, "-outline")
        start(self, self._outline(offer), group="outline")

    async def _outline(self, offer: Offer) -> None:
        text = await self.triage.desk.playbooks.show(offer.playbook_id)
        self.query_one("#outline", HangingText).show(text)

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        if self.looked_at and (self.at_hand is None or self.at_hand.value != self.looked_at):
            self._close_outline()

    def _close_outline(self) -> None:
        self.looked_at = ""
        self.set_class(False, "-outline")
        self.query_one("#outline", HangingText).show("")

    def action_statistics(self) -> None:
        """How playbooks fare, the one under the cursor first."""
        from triage.tui.screens.playbook_statistics import PlaybookStatisticsScreen

        offer = self.at_hand
        self.app.push_screen(PlaybookStatisticsScreen(offer.playbook_id if offer else ""))

    def action_filter(self) -> None:
        """Type to filter."""
        field = self.query_one(Input)
        field.display = True
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._draw(event.value)

    @on(Input.Submitted)
    def _filtered(self) -> None:
        self.query_one(OptionList).focus()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        listing = self.query_one(OptionList)
        if by > 0:
            listing.action_cursor_down()
        else:
            listing.action_cursor_up()

    def action_leave(self) -> None:
        """Out of the filter, out of the outline, out of the screen: one at a time."""
        field = self.query_one(Input)
        if field.display:
            field.value = ""
            field.display = False
            self.query_one(OptionList).focus()
        elif self.looked_at:
            self._close_outline()
        else:
            self.dismiss(None)
