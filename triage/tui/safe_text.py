"""The one gate between text from outside and the screen.

Textual reads markup in every ``str`` that a widget, a toast or a title is given, and hands control
characters to the terminal untouched. So a screen never gives a ``str`` from data to a widget: it gives
what one of these functions returns. ``tests/architecture/test_text_gate.py`` holds every screen to that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.content import Content, Span

from triage.model.clean_text import clean, clean_line
from triage.tui.glyphs import SIGN
from triage.tui.theme import TONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.style import Style
    from rich.text import Text

Piece: TypeAlias = "tuple[str, str]"
"""A stretch of text and its tone (a name from `triage.tui.theme.TONES`, or empty for plain text)."""


def safe(text: str, style: str = "") -> Content:
    """``text``, which may span lines, as content that shows exactly its characters.

    ``style`` is ours, never data: ``"bold"``, ``"$severity"``, ``"$muted italic"``.
    """
    cleaned = clean(text).expandtabs(4)
    return Content(cleaned, [Span(0, len(cleaned), style)] if style and cleaned else None)


def line(text: str, style: str = "") -> Content:
    """`safe` for one row: line breaks and runs of blanks become one blank."""
    return safe(clean_line(text), style)


def cell(text: str, style: str = "") -> Text:
    """``text`` for a cell of a table or a node of a tree, which take Rich text."""
    from rich.text import Text

    return Text(clean_line(text), style=style, no_wrap=True, overflow="ellipsis")


def content(*pieces: Piece) -> Content:
    """Several pieces in a row, each cleaned, each in its own tone. Blanks at the ends are kept."""
    text = ""
    spans: list[Span] = []
    for raw, tone in pieces:
        cleaned = clean(raw).expandtabs(4)
        if tone and cleaned:
            spans.append(Span(len(text), len(text) + len(cleaned), TONES[tone]))
        text += cleaned
    return Content(text, spans or None)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` cleaned and cut or padded to exactly ``width`` cells; a cut shows as an ellipsis."""
    if width <= 0:
        return ""
    cleaned = clean(text).replace("\n", " ").replace("\t", " ")
    length = cell_len(cleaned)
    if length > width:
        return set_cell_size(cleaned, width - 1) + SIGN.cut
    pad = " " * (width - length)
    return pad + cleaned if right else cleaned + pad


def segments(pieces: Iterable[Piece], width: int, styles: Mapping[str, Style], base: Style) -> list[Segment]:
    """One row of exactly ``width`` cells for a widget that draws lines itself."""
    row: list[Segment] = []
    left = width
    held, held_tone = "", ""
    for text, tone in pieces:
        if left <= 0:
            break
        shown = clean(text).replace("\n", " ").replace("\t", " ")
        length = cell_len(shown)
        if length > left:
            shown, length = set_cell_size(shown, left), left
        left -= length
        if tone == held_tone:
            held += shown
            continue
        if held:
            row.append(Segment(held, base + styles[held_tone] if held_tone else base))
        held, held_tone = shown, tone
    if left > 0 and not held_tone:
        held, left = held + " " * left, 0
    if held:
        row.append(Segment(held, base + styles[held_tone] if held_tone else base))
    if left > 0:
        row.append(Segment(" " * left, base))
    return row
