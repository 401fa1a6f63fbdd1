"""The report on paper: the same Markdown tree as PDF, with bookmarks for its numbered parts.

Drawn with fpdf2, which is an extra and needs no system library. Its own fonts know Latin-1 only, so a font of
the machine that knows more is looked for; a sign that no font at hand can draw is printed as its code point,
never left out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from triage.model.errors import Invalid
from triage.retrospective.report_page import markdown_reader

if TYPE_CHECKING:
    from fpdf import FPDF
    from markdown_it.token import Token

FONT_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/TTF"),
    Path("/usr/share/fonts/dejavu-sans-fonts"),
    Path("/opt/homebrew/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts/Supplemental"),
    Path("C:/Windows/Fonts"),
)
FAMILIES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
)
"""Plain and bold face of fonts that most machines have one of."""
INSTALL = "pip install 'triage-desk[pdf]'"
_SIZES = {"h1": 15.0, "h2": 13.0, "h3": 11.0}
_BODY = 9.5
_SMALL = 7.5


class Font(NamedTuple):
    """The family everything is set in, and the code points it can draw; None for those of Latin-1."""

    family: str
    signs: frozenset[int] | None


def pdf(markdown: str, made_at: datetime, folders: Sequence[Path] = FONT_FOLDERS) -> bytes:
    """``markdown`` (as `report.markdown` gives it) as a PDF file, dated ``made_at``.

    Raises `Invalid` where fpdf2 is not installed.
    """
    try:
        from fpdf import FPDF
    except ImportError:
        raise Invalid("a PDF needs the library fpdf2", where="--format pdf", do=INSTALL) from None
    # It logs every sign that it makes a subset of.
    logging.getLogger("fontTools").setLevel(logging.ERROR)

    class Paper(FPDF):
        """A page with its number at the foot."""

        def footer(self) -> None:
            self.set_y(-11)
            self.set_font("helvetica", "", _SMALL)
            self.cell(0, 5, f"{self.page_no()} of {{nb}}", align="R")

    document = Paper(format="A4")
    document.set_margins(15, 14, 15)
    document.set_auto_page_break(auto=True, margin=16)
    document.set_creation_date(made_at)
    document.set_creator("Triage")
    _Setter(document, _font(document, folders)).set(markdown_reader().parse(markdown))
    return bytes(document.output())


def _font(document: FPDF, folders: Sequence[Path]) -> Font:
    for folder in folders:
        for plain, bold in FAMILIES:
            if (folder / plain).is_file() and (folder / bold).is_file():
                document.add_font("report", "", folder / plain)
                document.add_font("report", "B", folder / bold)
                known: Any = document.fonts["report"]
                return Font("report", frozenset(known.cmap))
    return Font("helvetica", None)


class _Setter:
    """Sets the tokens of a Markdown text, one block after the other."""

    def __init__(self, document: FPDF, font: Font) -> None:
        self.document, self.font = document, font
        document.add_page()
        self._face(_BODY)

    def set(self, tokens: Sequence[Token]) -> None:
        """Set all of ``tokens``."""
        at, mark = 0, ""
        while at < len(tokens):
            token = tokens[at]
            if token.type == "heading_open":
                self._heading(token.tag, self._drawable(_words(tokens[at + 1])))
            elif token.type == "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self._table(_rows(tokens[at:end]))
                at = end
            elif token.type in {"bullet_list_open", "ordered_list_open"}:
                mark = "• " if token.type == "bullet_list_open" else "# "
            elif token.type == "list_item_open" and mark != "• ":
                mark = f"{token.info}. "
            elif token.type == "inline" and tokens[at - 1].type == "paragraph_open":
                self._paragraph(token, mark if token.level > 1 else "", token.level)
            at += 1

    def _face(self, size: float, style: str = "") -> None:
        self.document.set_font(self.font.family, style, size)

    def _heading(self, tag: str, text: str) -> None:
        level = int(tag[1]) - 1
        if tag == "h1":
            self.document.set_title(text)
        self.document.ln(3)
        self._face(_SIZES[tag], "B")
        self.document.start_section(text, level)
        self.document.multi_cell(0, None, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.document.ln(1)
        self._face(_BODY)

    def _paragraph(self, token: Token, mark: str, level: int) -> None:
        indent = 4 * max(0, (level - 1) // 2)
        self.document.set_x(self.document.l_margin + indent)
        self.document.write(5, self._drawable(mark))
        for text, bold in _runs(token):
            self._face(_BODY, "B" if bold else "")
            self.document.write(5, self._drawable(text))
        self._face(_BODY)
        self.document.ln(6 if not mark else 5)

    def _table(self, rows: Sequence[Sequence[str]]) -> None:
        self._face(_SMALL)
        widths = _widths(rows)
        with self.document.table(col_widths=widths, text_align="LEFT", line_height=3.6, padding=0.8) as table:
            for row in rows:
                drawn = table.row()
                for cell in row:
                    drawn.cell(self._drawable(cell))
        self._face(_BODY)
        self.document.ln(2)

    def _drawable(self, text: str) -> str:
        """``text`` with every sign that cannot be drawn as its code point."""
        return "".join(sign if self._known(sign) else f"[U+{ord(sign):04X}]" for sign in text)

    def _known(self, sign: str) -> bool:
        return sign == "\n" or (ord(sign) < 256 if self.font.signs is None else ord(sign) in self.font.signs)


def _runs(token: Token) -> Iterator[tuple[str, bool]]:
    """The text of an inline token in stretches, each bold or not."""
    bold = False
    for child in token.children or ():
        if child.type in {"strong_open", "strong_close"}:
            bold = child.type == "strong_open"
        elif child.type in {"text", "code_inline", "text_special"}:
            yield child.content, bold
        elif child.type in {"softbreak", "hardbreak"}:
            yield "\n" if child.type == "hardbreak" else " ", bold


def _words(token: Token) -> str:
    return "".join(text for text, _ in _runs(token))


def _rows(tokens: Sequence[Token]) -> list[list[str]]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_words(token))
    return rows


def _widths(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Room in proportion to what is in a column: its longest word at least, a long text not all of it."""
    columns = list(zip(*rows, strict=True))
    return tuple(
        max(
            3 + max(len(word) for cell in column for word in cell.split() or [""]),
            min(60, max(map(len, column))),
        )
        for column in columns
    )
