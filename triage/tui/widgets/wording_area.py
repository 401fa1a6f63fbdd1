"""A text field that is never lost and never scolds: drafts, the outside editor, wording under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from triage.model.clean_text import clean, clean_line
from triage.model.investigation import WordingHit
from triage.tui.outside_editor import edit_outside
from triage.tui.safe_text import content
from triage.tui.widgets.early_key import passed_on, walked

if TYPE_CHECKING:
    from triage.tui.shell import Shell

HITS_SHOWN = 3
"""Hits drawn under the field; more are counted."""


class WordingArea(TextArea):
    """A field for words.

    With ``sentence`` Enter means done and ctrl+j starts a line; else Enter starts a line. While a text that
    nobody typed here stands untouched, Enter means done too; with ``asks_first`` it only asks for the key
    that accepts, so that an Enter too many never gives an answer that nobody has read.
    """

    @dataclass
    class Unread(Message):
        """Enter on a text that stands as it was put there."""

    @dataclass
    class Accepted(Message):
        """Enter on a field that is done."""

        area: WordingArea

        @property
        def control(self) -> WordingArea:
            """The field itself, so that handlers can select on it."""
            return self.area

    def __init__(
        self,
        text: str = "",
        *,
        sentence: bool = False,
        asks_first: bool = False,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(
            clean(text), id=widget_id, soft_wrap=True, tab_behavior="focus", show_line_numbers=False
        )
        self.sentence = sentence
        self.asks_first = asks_first
        self._put_there = ""
        self.onward: Callable[[], bool] | None = None
        """Moves the cursor to the next field at once; False where there is none."""
        self._start = self.text

    @property
    def touched(self) -> bool:
        """Whether a person changed the text it began with."""
        return self.text != self._start

    def begin(self, text: str, *, start: str | None = None) -> None:
        """Put ``text`` in; ``start`` is the prefilled text it counts as touched against."""
        self.load_text(clean(text))
        self._start = self.text if start is None else clean(start)
        self._put_there = self.text
        self.move_cursor(self.document.end)

    def on_resize(self) -> None:
        """Lines drawn between the new width and the new wrapping are drawn again, whole."""
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        self.notify_style_update()
        self.refresh()

    def edit_outside(self) -> None:
        """Let the person write it in the editor of the environment, and take what it saved."""
        text, problem = edit_outside(self.app, self.text)
        if problem:
            cast("Shell", self.app).say(problem, severity="warning")
        if text is not None:
            self.load_text(clean(text).removesuffix("\n"))
            self.move_cursor(self.document.end)

    def cite(self, event_id: str) -> None:
        """Insert ``[E07]`` at the cursor, with a blank before it where one is missing."""
        row, column = self.cursor_location
        before = self.document[row][:column]
        self.insert(("" if not before or before.endswith(" ") else " ") + f"[{event_id}]")

    async def _on_key(self, event: events.Key) -> None:
        if passed_on(self, event) or walked(self, event):
            return
        unread = self.asks_first and bool(self.text) and self.text == self._put_there
        if event.key == "enter" and (self.sentence or unread or (self.text and not self.touched)):
            event.stop()
            event.prevent_default()
            if unread:
                self.post_message(self.Unread())
            elif self.onward is None or not self.onward():
                self.post_message(self.Accepted(self))
            return
        if event.key == "ctrl+j" and self.sentence:
            event.stop()
            event.prevent_default()
            self.insert("\n")
            return
        await super()._on_key(event)


def hit_line(hit: WordingHit) -> Content:
    """One hit: its weight as glyph and word, the words it is about, what to write instead."""
    glyph, word, tone = {
        "error": ("✗", "blames", "promise"),
        "warning": ("!", "judges", "severity"),
        "info": ("i", "note", "muted"),
    }[hit.level]
    return content(
        (f"{glyph} {word} ", tone),
        (f"“{clean_line(hit.text)}”", "strong"),
        (f"  {clean_line(hit.suggestion)}", ""),
        (f"  {clean_line(hit.rule)}", "muted"),
    )


class WordingHits(Static):
    """The hits in the field above; empty and of no height when there are none."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.hits: tuple[WordingHit, ...] = ()
        self.display = False

    def show(self, hits: Sequence[WordingHit]) -> None:
        """Draw the heaviest hits first."""
        order = {"error": 0, "warning": 1, "info": 2}
        self.hits = tuple(sorted(hits, key=lambda hit: (order[hit.level], hit.start)))
        self.display = bool(self.hits)
        lines = [hit_line(hit) for hit in self.hits[:HITS_SHOWN]]
        if len(self.hits) > HITS_SHOWN:
            lines.append(content((f"  and {len(self.hits) - HITS_SHOWN} more", "muted")))
        if self.hits:
            lines.append(content(("  F8 silence the first with a reason", "muted")))
        self.update(Content("\n").join(lines))
