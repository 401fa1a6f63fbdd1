"""The register from the shell: letters, moves that are not legal, and one that comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-40817.yaml"


def test_a_recommendation_is_followed_to_its_end(shell: Shell) -> None:
    shell.must("sync")
    held = shell.must("investigate", "HL-40817", "--answers", str(ANSWERS), "--adopt", "--json").document
    assert held["reopened"] == []
    listed = shell.must("recommendations", "list", "--json").document
    assert len(listed) == len(held["recommendations"])
    first = next(one for one in listed if one["status"] == "OAR")["id"]
    stopped = shell.must("recommendations", "close", first, "CAA", "-m", "done", code=2)
    assert "OAR cannot become CAA" in stopped.err
    shell.must("recommendations", "respond", first, "-m", "A preview comes with 4.3.")
    shell.must("recommendations", "track", first, "https://tracker.example/77")
    shell.must("recommendations", "judge", first, "OAA", "-m", "That answers it.")
    done = shell.must("recommendations", "close", first, "CAA", "-m", "Shipped.", "--json").document
    assert (done["status"], done["open"], done["tracker_url"]) == ("CAA", False, "https://tracker.example/77")
    assert [letter["status_after"] for letter in done["exchange"]] == ["ORR", "OAA", "CAA"]
    assert done["watched_until"] > done["closed_at"]
    still_open = shell.must("recommendations", "list", "--open", "--json").document
    assert first not in {one["id"] for one in still_open}
    assert "no recommendation ESC-1-R9" in shell.must(
        "recommendations", "respond", "ESC-1-R9", "-m", "x", code=1
    ).err  # fmt: skip
    assert "CAA" in shell.must("report", "HL-40817").out


def test_one_recommendation_is_shown_with_what_was_counted_and_the_free_ones_are_found(shell: Shell) -> None:
    shell.must("sync")
    shell.must("investigate", "HL-40817", "--answers", str(ANSWERS), "--adopt")
    free = shell.must("recommendations", "list", "--free", "--json").document
    assert [one["addressee"] for one in free] == ["Support knowledge owner"]
    assert shell.must("recommendations", "list", "--aim", "educate", "--json").document == []
    name = free[0]["id"]
    shell.must("recommendations", "measure", name, "-m", "Three a month before.")
    shown = shell.must("recommendations", "show", name).out
    assert "shown: Three a month before." in shown
    grid = shell.must("recommendations", "grid", "--json").document
    assert sum(len(one["names"]) for one in grid) == 4
