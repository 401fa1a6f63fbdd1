"""What may be the name of a ticket: nothing is kept under another one."""

from __future__ import annotations

from typing import Any

import pytest

from triage.helpdesk.shape import identifier, whole_number


@pytest.mark.parametrize(("value", "number"), [(7, 7), ("40817", 40817), (2**63 - 1, 2**63 - 1)])
def test_a_number_may_come_as_text(value: Any, number: int) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize(
    "value",
    [2.7, 7.0, 1e308, True, 0, -1, 2**63, "9" * 30, "9" * 5_000, "", None, "7.0", "+7", " 7", "٧", [7], {}],
)
def test_a_number_that_would_name_something_else_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="number"):
        whole_number(value)


@pytest.mark.parametrize("value", ["", None, 2.7, True, "x" * 129, "a/b", "ü", ["a"]])
def test_an_id_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="id"):
        identifier(value)


def test_ids_of_letters_and_digits_stay_as_they_are() -> None:
    assert (identifier("Q3ABC"), identifier(12)) == ("Q3ABC", "12")
