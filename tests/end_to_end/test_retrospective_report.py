"""The report in every form, from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-40817.yaml"


def test_the_report_comes_as_text_page_and_data(shell: Shell, tmp_path: Path) -> None:
    shell.must("sync")
    name = shell.must("investigate", "HL-40817", "--answers", str(ANSWERS), "--json").document["id"]
    assert "is not adopted" in shell.must("report", name, "--fan-out", code=4).err
    shell.must("investigate", "HL-40817", "--adopt", "--json")
    text = shell.must("report", name, "--format", "md").out
    assert "4 Recommendations" in text
    assert "sha256" in text
    page = tmp_path / "report.html"
    assert shell.must("report", "HL-40817", "--format", "html", "--out", str(page)).out == ""
    assert page.read_text().startswith("<!doctype html>")
    assert "<table>" in page.read_text()
    data = shell.must("report", name, "--format", "json").document
    assert data["markdown"] == text
    assert data["code"] == "B2.3"
    assert set(shell.must("report", name, "--fan-out", "--json").document) == {
        "account", "support", "docs and advocacy", "product and engineering",
    }  # fmt: skip
    assert "[12 min]" in shell.must("report", name, "--debrief").out
    paper = tmp_path / "report.pdf"
    assert "goes to a file" in shell.must("report", name, "--format", "pdf", code=2).err
    shell.must("report", name, "--format", "pdf", "--out", str(paper))
    assert paper.read_bytes().startswith(b"%PDF-")
    assert len(shell.must("report", name, "--first-page").out.splitlines()) <= 50
    assert "no report is a doc" in shell.must("report", name, "--format", "doc", code=2).err


def test_the_interview_in_plain_lines_needs_no_screen(shell: Shell) -> None:
    shell.must("sync")
    ended = shell.must("investigate", "HL-40817", "--full", "--line", "--json", code=3)
    assert "Q1, required" in ended.err
    assert ended.document["mode"] == "full"
    assert "--line asks" in shell.must("investigate", "HL-40817", "--line", "--no-input", code=2).err
