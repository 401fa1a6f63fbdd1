"""Both people of a pair are credited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.retrospective.casebook import Book, answered
from tests.retrospective.threads import group_rename
from triage.model.errors import Invalid
from triage.retrospective import pair, report


def test_driver_and_navigator_are_credited_in_the_report_and_may_change_places() -> None:
    book = answered("ESC-2026-0031")
    [alone] = book.it.investigators
    book.write(pair.set_navigator(book.it, " Jun ", "Mara"))
    assert (book.it.driver, book.it.navigator) == ("Mara", "Jun")
    book.write(pair.swap(book.it))
    assert (book.it.driver, book.it.navigator) == ("Jun", "Mara")
    assert book.it.investigators == (alone, "Mara", "Jun")
    told = report.markdown(book.it, book.facts, book.now)
    assert f"Investigated by {alone}, Mara and Jun." in told


def test_what_the_program_writes_credits_nobody() -> None:
    book = Book(group_rename())
    book.entries = [
        replace(book.entries[0], actor="mara"),
        *(replace(one, role="program", actor="triage") for one in book.entries),
    ]
    assert book.it.investigators == ("mara",)


def test_the_navigator_is_another_person() -> None:
    it = Book(group_rename()).it
    with pytest.raises(Invalid, match="has the keys"):
        pair.set_navigator(it, "MARA", "mara")
    with pytest.raises(Invalid, match="nobody is named"):
        pair.set_navigator(it, "  ", "mara")
    with pytest.raises(Invalid, match="nobody reads along"):
        pair.swap(it)
