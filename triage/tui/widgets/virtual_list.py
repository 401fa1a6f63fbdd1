"""A list of any length that draws only the rows on screen.

Rows come from a window function and are kept around the viewport only, so 100,000 rows cost what 40 do.
The cursor moves by repainting two rows (`repaint=False` and a region): over a slow line that is some
hundred bytes instead of the whole screen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeAlias, TypeVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from triage.tui import work
from triage.tui.glyphs import SIGN
from triage.tui.keys import MOTIONS
from triage.tui.safe_text import Piece, segments
from triage.tui.theme import tone_styles

Row = TypeVar("Row")
Fetch: TypeAlias = "Callable[[int, int], Awaitable[tuple[Sequence[Row], int]]]"
"""``fetch(offset, limit)`` gives the rows from ``offset`` and how many there are in all."""

PAGE = 100
"""Rows asked for at once."""
KEPT_PAGES = 12
"""Pages kept before those far from the viewport are let go."""


class VirtualList(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows of one line each, with a cursor."""

    DEFAULT_CSS = """
    VirtualList { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    VirtualList > .virtual-list--cursor { background: $cursor; }
    VirtualList > .virtual-list--cursor-dim { background: $cursor-dim; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"virtual-list--cursor", "virtual-list--cursor-dim"}
    BINDINGS: ClassVar[list[BindingType]] = MOTIONS

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on another row, or the row under it changed."""

    class Opened(Message):
        """A row was double-clicked."""

    def __init__(self, draw: Callable[[Row, int], Sequence[Piece]], *, name: str | None = None) -> None:
        """``draw(row, width)`` gives the pieces of a row, without the cursor sign."""
        super().__init__(name=name)
        self._draw = draw
        self._fetch: Fetch[Row] | None = None
        self._rows: dict[int, Row] = {}
        self._count = 0
        self._generation = 0
        self._asked: set[int] = set()
        self._strips: dict[tuple[int, bool, bool], Strip] = {}
        self._tones: Mapping[str, Style] = {}
        self._drawn_width = 0
        self._empty: tuple[Piece, ...] = ()

    @property
    def count(self) -> int:
        """How many rows there are in all."""
        return self._count

    @property
    def current(self) -> Row | None:
        """The row under the cursor, when it is known."""
        return self._rows.get(self.cursor)

    def known(self) -> Mapping[int, Row]:
        """The rows held now, by index."""
        return self._rows

    def show(
        self,
        rows: Sequence[Row],
        *,
        offset: int = 0,
        count: int | None = None,
        fetch: Fetch[Row] | None = None,
        cursor: int | None = None,
    ) -> None:
        """Replaces everything known by ``rows``, which start at ``offset`` of ``count``.

        ``cursor`` moves the cursor; the row under it stays on the screen line where the cursor stood. Where
        a person has scrolled away from the cursor, what they look at stays.
        """
        line = self.cursor - self.scroll_offset.y
        in_sight = 0 <= line < max(1, self.size.height)
        self._generation += 1
        self._asked.clear()
        self._fetch = fetch
        self._rows = {offset + n: row for n, row in enumerate(rows)}
        self._count = len(rows) if count is None else count
        self._strips.clear()
        self.virtual_size = Size(0, self._count)
        target = max(0, min(self.cursor if cursor is None else cursor, self._count - 1))
        shifted = target != self.cursor
        self.set_reactive(VirtualList.cursor, target)
        if shifted and in_sight:
            self.scroll_to(y=max(0, target - line), animate=False, force=True)
        if in_sight or self.scroll_offset.y >= self._count:
            self.show_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def say_empty(self, words: Sequence[Piece]) -> None:
        """What stands where rows would be, while there are none."""
        if (said := tuple(words)) != self._empty:
            self._empty = said
            self.refresh()

    def replace_row(self, index: int, row: Row) -> None:
        """Shows ``row`` at ``index``; nothing else is touched."""
        self._rows[index] = row
        self._forget(index)
        self.refresh_line(index)

    def redraw_changed(self) -> None:
        """Draws the visible rows anew and repaints only those that look different (times move on)."""
        top = self.scroll_offset.y
        for index in range(top, min(self._count, top + self.size.height)):
            key = (index, index == self.cursor, self.has_focus)
            old = self._strips.get(key)
            self._forget(index)
            if old is not None and self._strip(index).text != old.text:
                self.refresh_line(index)

    def redraw(self) -> None:
        """Draws every visible row anew."""
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """A theme was chosen."""
        super().notify_style_update()
        self._tones = {}
        self._strips.clear()

    def on_resize(self) -> None:
        """Rows are as wide as the list."""
        if self._drawn_width != self.size.width:
            if self._drawn_width:
                # What is on screen may have been drawn from rows of the old width.
                self.refresh()
            self._drawn_width = self.size.width
            self._strips.clear()
        self.show_cursor()

    def on_focus(self) -> None:
        """The cursor row is stronger while keys come here."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """The cursor row is weaker while keys go elsewhere."""
        self.refresh_line(self.cursor)

    def render_line(self, y: int) -> Strip:
        """The row on screen line ``y``."""
        index = self.scroll_offset.y + y
        if index >= self._count:
            return self._blank(y)
        return self._strip(index)

    def _blank(self, y: int) -> Strip:
        width = self.size.width
        if y or self._count or not self._empty:
            return Strip.blank(width, self.rich_style)
        return Strip(segments([(" ", ""), *self._empty], width, self._styles(), self.rich_style), width)

    def _styles(self) -> Mapping[str, Style]:
        if not self._tones:
            self._tones = tone_styles(self.app.theme_variables)
        return self._tones

    def _strip(self, index: int) -> Strip:
        key = (index, index == self.cursor, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > 1000:
                self._strips.clear()
            strip = self._drawn(index)
            if index in self._rows:
                self._strips[key] = strip
        return strip

    def _drawn(self, index: int) -> Strip:
        tones = self._styles()
        row = self._rows.get(index)
        width = self.size.width
        at_cursor = index == self.cursor
        base = self.rich_style
        if at_cursor:
            name = "virtual-list--cursor" if self.has_focus else "virtual-list--cursor-dim"
            base += Style(bgcolor=self.get_component_rich_style(name).bgcolor)
        bar = (SIGN.cursor, "accent") if at_cursor else (" ", "")
        if row is None:
            self._ask_for(index)
            return Strip(segments([bar, (SIGN.cut, "muted")], width, tones, base), width)
        return Strip(segments([bar, *self._draw(row, width - 1)], width, tones, base), width)

    def _forget(self, index: int) -> None:
        for at_cursor in (False, True):
            for focused in (False, True):
                self._strips.pop((index, at_cursor, focused), None)

    def _ask_for(self, index: int) -> None:
        page = index // PAGE
        if self._fetch is None or page in self._asked:
            return
        self._asked.add(page)
        self.call_later(self._begin_load, page, self._generation)

    def _begin_load(self, page: int, generation: int) -> None:
        if generation == self._generation:
            work.start(self, self._load(page, generation), group=f"page-{page}")

    async def _load(self, page: int, generation: int) -> None:
        # A page stays asked for until `show`, whatever came of it: an answer that is empty or an error
        # must not be asked for again by every frame.
        fetch = self._fetch
        if fetch is None:
            return
        rows, count = await fetch(page * PAGE, PAGE)
        if generation != self._generation:
            return
        had_cursor = self.cursor in self._rows
        self._rows.update({page * PAGE + n: row for n, row in enumerate(rows)})
        if count != self._count:
            self._count = count
            self.virtual_size = Size(0, count)
            self.cursor = min(self.cursor, max(0, count - 1))
        self._let_go()
        self.refresh()
        if not had_cursor and self.cursor in self._rows:
            self.post_message(self.Moved())

    def _let_go(self) -> None:
        if len(self._rows) <= PAGE * KEPT_PAGES:
            return
        middle = self.scroll_offset.y
        reach = PAGE * KEPT_PAGES // 2
        kept = {n: row for n, row in self._rows.items() if abs(n - middle) <= reach or n == self.cursor}
        self._asked -= {n // PAGE for n in self._rows if n not in kept}
        self._rows = kept

    def validate_cursor(self, cursor: int) -> int:
        """The cursor stays on a row."""
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Two rows are repainted, no more."""
        top = self.scroll_offset.y
        for index in (old, new):
            if 0 <= index - top < self.size.height:
                self.refresh(Region(0, index - top, self.size.width, 1))
        self.show_cursor()
        self.post_message(self.Moved())

    def show_cursor(self) -> None:
        """Scrolls to the cursor where it is out of sight."""
        height = self.size.height
        top = self.scroll_offset.y
        if height <= 0:
            return
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def _jump(self, by: int) -> None:
        """Moves cursor and viewport together, as a page turn does."""
        self.scroll_to(y=max(0, self.scroll_offset.y + by), animate=False, force=True)
        self.cursor += by

    def action_down(self) -> None:
        """One row down."""
        self.cursor += 1

    def action_up(self) -> None:
        """One row up."""
        self.cursor -= 1

    def action_top(self) -> None:
        """To the first row."""
        self.cursor = 0

    def action_bottom(self) -> None:
        """To the last row."""
        self.cursor = self._count - 1

    def action_half_down(self) -> None:
        """Half a page down."""
        self._jump(max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        """Half a page up."""
        self._jump(-max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        """A page down."""
        self._jump(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        """A page up."""
        self._jump(-max(1, self.size.height - 1))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click opens."""
        index = self.scroll_offset.y + event.y
        if index < self._count:
            self.cursor = index
            if event.chain > 1:
                self.post_message(self.Opened())
