from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.model.clean_text import COMBINING_LIMIT, SHOWN_LIMIT, clean, clean_line

ALLOWED_CONTROLS = {"\n", "\t"}


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]52;c;eA==\x07", "␛]52;c;eA==␇"),
        ("\x9b2J", "⟪9B⟫2J"),
        ("a\x00b\x7f", "a␀b␡"),
        ("\u202eexe.txt\u202c", "⟪RLO⟫exe.txt⟪PDF⟫"),
        ("one\r\ntwo\rthree", "one\ntwo␍three"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("[@click=app.quit()]x[/]", "[@click=app.quit()]x[/]"),
    ],
)
def test_hostile_characters_become_visible(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


@given(st.text(st.characters(codec=None), max_size=400))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    left = {char for char in clean(text) if unicodedata.category(char) in ("Cc", "Cs")}
    assert left <= ALLOWED_CONTROLS
    assert not set(clean(text)) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u061c\u200e\u200f")


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_ordinary_text_in_any_script_is_left_alone() -> None:
    for text in ("Ærøskøbing 東海ロジ", "שלום עולם", "مرحبا", "🧑‍🚒", "e\u0301"):
        assert clean(text) == text


def test_a_smear_of_combining_marks_is_shortened() -> None:
    assert clean("x" + "\u0301" * 5000) == "x" + "\u0301" * COMBINING_LIMIT


def test_a_huge_body_says_what_was_cut() -> None:
    assert clean("a" * (SHOWN_LIMIT + 5)).endswith("[… 5 characters not shown]")


def test_a_line_stays_a_line() -> None:
    assert clean_line(" two\n\tlines \u2028 three ") == "two lines three"
