"""The page on reliability says what the records of the runs say, and nothing else."""

from __future__ import annotations

from tests.reliability import page
from tests.reliability.records import Record, kept
from tests.reliability.suites import Counted, broken_of


def test_the_page_is_made_from_its_records() -> None:
    assert page.PAGE.read_text("utf-8") == page.rendered(kept())


def test_every_record_belongs_to_a_promise() -> None:
    assert {record.kind for record in kept()} <= set(page.PROMISES)


def test_a_broken_promise_is_on_the_page() -> None:
    record = Record.of("schedules", 1_234, 2, 3.0, seeds=(0, 1_233), details={"lived twice": 12})
    shown = page.rendered([record])
    assert "| 1,234 | 2 | 0–1233 |" in shown
    assert "lived twice 12" in shown


def test_a_failed_test_breaks_what_its_file_counts_and_else_the_whole_suite() -> None:
    counts = {"backups": Counted(200, files={"tests/b.py"}), "locking": Counted(9, files={"tests/l.py"})}
    in_one, in_none = "FAILED tests/b.py::test_it[1] - AssertionError", "ERROR tests/x.py::test_that"
    assert broken_of(counts, [in_one]) == {"backups": 1, "locking": 0}
    assert broken_of(counts, [in_one, in_none]) == {"backups": 2, "locking": 1}
