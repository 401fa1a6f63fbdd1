"""How playbooks fare: a line for each version, and everything about one on Enter. Never by person."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.model.clean_text import clean_line
from triage.model.playbook_statistics import PlaybookStatistics
from triage.tui import work
from triage.tui.keys import BACK, HELP
from triage.tui.statistics_words import EMPTY, detail_text, heading_row, overview_row
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from triage.tui.shell import Shell


class PlaybookStatisticsScreen(Screen[None]):
    """A table of every version that was ever run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "its steps and suggestions", id="statistics.open"),
        *BACK,
        *HELP,
    ]

    def __init__(self, playbook_id: str = "") -> None:
        """``playbook_id`` is the one the cursor begins on, where it was ever run."""
        super().__init__()
        self._wanted = playbook_id
        self.head = TextLine()
        self.headings = TextLine()
        self.list: VirtualList[PlaybookStatistics] = VirtualList(overview_row)

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Head, headings, versions, keys."""
        yield self.head
        yield Rule()
        yield self.headings
        yield self.list
        yield KeyLine()

    def on_mount(self) -> None:
        """Count in the background."""
        self.head.left = ((" How playbooks fare", "strong"), (" · by playbook, never by person", "muted"))
        self.list.say_empty([("Counting.", "muted")])
        self.headings.display = False
        self.list.focus()
        work.start(self, self._load(), group="load", keys_wait=True)

    def on_resize(self) -> None:
        """The headings stand over their columns."""
        self.headings.left = tuple(heading_row(self._row_width))

    @property
    def _row_width(self) -> int:
        """Columns of a row: the list keeps one for its scroll bar."""
        return self.size.width - 1

    async def _load(self) -> None:
        desk = await self.triage.ready()
        found = await desk.playbook_statistics.of()
        place = next((n for n, one in enumerate(found) if one.playbook_id == self._wanted), 0)
        self.list.say_empty([(EMPTY, "muted")])
        self.list.show(found, cursor=place)
        self.headings.display = bool(found)
        self.head.right = ((f"{sum(one.runs for one in found)} runs ", "muted"),)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is live only on a row."""
        return action != "open" or self.list.current is not None

    @on(VirtualList.Opened)
    def action_open(self) -> None:
        """Everything about the version under the cursor."""
        from triage.tui.screens.text_page import TextPage

        one = self.list.current
        if one is not None:
            title = f"{clean_line(one.playbook_id)} version {one.version}"
            self.app.push_screen(TextPage(title, detail_text(one)))

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()
