"""The report on paper, and the page of it that fits a terminal."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from unicodedata import east_asian_width

import pytest

from tests.retrospective.casebook import CASES, Book, answered
from tests.retrospective.threads import group_rename
from triage.model.errors import Invalid
from triage.retrospective import report
from triage.retrospective.report_first_page import COLUMNS, LINES, first_page
from triage.retrospective.report_pdf import pdf

MADE = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


def columns(line: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line)


@pytest.mark.parametrize("name", CASES)
def test_the_pdf_has_a_bookmark_for_every_numbered_part(name: str) -> None:
    pytest.importorskip("fpdf")
    book = answered(name)
    text = report.markdown(book.it, book.facts, book.now)
    made = pdf(text, MADE, ())
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Dest [") >= sum(line.startswith("#") for line in text.split("\n"))
    assert b"D:20260311090000" in made


def test_a_sign_that_no_font_knows_is_printed_as_its_code_point() -> None:
    fpdf = pytest.importorskip("fpdf")
    drawn: list[str] = []

    class Heard(fpdf.FPDF):  # type: ignore[misc,name-defined]
        def write(self, height: float, text: str) -> None:
            drawn.append(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fpdf.FPDF", Heard)
        pdf("# Title\n\n図 é \\*x\\* <b>**bold**\n\n- one\n\n1. two\n", MADE, ())
    assert "".join(drawn) == "[U+56F3] é *x* <b>bold• one1. two".replace("• ", "[U+2022] ")


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fpdf", None)
    with pytest.raises(Invalid, match=r"needs the library fpdf2\. pip install 'triage-desk\[pdf\]'"):
        pdf("# x\n", MADE)


@pytest.mark.parametrize("name", CASES)
def test_the_first_page_fits_a_terminal_and_names_the_cause(name: str) -> None:
    it = answered(name).it
    lines = first_page(it).splitlines()
    assert len(lines) <= LINES
    assert max(map(columns, lines)) <= COLUMNS
    assert any("probable cause of" in one for one in lines) and f"R{len(it.recommendations)}" in "\n".join(
        lines
    )


def test_the_first_page_fits_however_much_there_is_to_say() -> None:
    it = answered("ESC-2026-0031").it
    long = "図面のプレビュー and words without an end " * 90
    many = replace(
        it, title=long, impact=long, cause_sentence=long, not_known=long,
        findings=tuple(replace(it.findings[0], id=f"F{n}", text=long) for n in range(40)),
        recommendations=tuple(replace(it.recommendations[0], id=f"R{n}", text=long) for n in range(40)),
    )  # fmt: skip
    lines = first_page(many).splitlines()
    assert len(lines) <= LINES and max(map(columns, lines)) <= COLUMNS
    assert "33 more" in "\n".join(lines)


def test_a_preliminary_first_page_has_no_cause() -> None:
    book = Book(group_rename(), mode="quick")
    assert "cause" not in first_page(book.it).lower()
