"""Taking a helpdesk's JSON apart without trusting its shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

from triage.model.errors import HelpdeskFailed

Record: TypeAlias = Mapping[str, Any]
"""One JSON object."""

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_LINE = 10_000
"""Characters of a subject or a name; more is not a line any more."""
LONGEST_ID = 128
"""Characters of an id of letters and digits."""
LARGEST_NUMBER = 2**63 - 1
_MOST_DIGITS = len(str(LARGEST_NUMBER))


@contextmanager
def expecting(what: str) -> Iterator[None]:
    """Turn a surprise while reading ``what`` into a `HelpdeskFailed` that says so."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise HelpdeskFailed(
            f"{what} came in a shape we do not know ({type(error).__name__}: {str(error)[:80]})",
            do="Check that the profile names the right kind of helpdesk",
        ) from error


def record(value: Any, what: str) -> Record:
    """``value`` as an object. Raises `HelpdeskFailed` when it is something else."""
    if not isinstance(value, Mapping):
        raise HelpdeskFailed(
            f"{what} is not what we asked for", do="Check that the profile names the right kind of helpdesk"
        )
    return value


def records(value: Any, key: str, what: str) -> list[Record]:
    """The list of objects under ``key``. Raises `HelpdeskFailed` when there is none."""
    found = record(value, what).get(key)
    if not isinstance(found, list):
        raise HelpdeskFailed(
            f"{what} has no list of {key}", do="Check that the profile names the right kind of helpdesk"
        )
    return [item for item in found if isinstance(item, Mapping)]


def text(value: Any) -> str:
    """``value`` as text; None is empty, numbers as they are written."""
    if type(value) is str:  # by far the most, and the check below is dear
        return value
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def line(value: Any) -> str:
    """`text`, cut to what can be one line."""
    return text(value)[:LONGEST_LINE]


def whole_number(value: Any) -> int:
    """A number that names something: whole, above zero, no larger than a database keeps.

    A fraction cut to a whole number would be the name of something else. Raises `ValueError`.
    """
    written = type(value) is str and value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS
    found = int(value) if written or type(value) is int else 0
    if not 0 < found <= LARGEST_NUMBER:
        raise ValueError(f"{text(value)[:40]!r} is no number of anything" if value else "a number is missing")
    return found


def identifier(value: Any) -> str:
    """An id of letters and digits: nothing is kept under another name. Raises `ValueError`."""
    found = "" if isinstance(value, bool | float) else line(value)
    if not (found.isascii() and found.isalnum() and len(found) <= LONGEST_ID):
        raise ValueError(f"{found[:40]!r} is no id" if found else "an id is missing")
    return found


def moment(value: Any) -> datetime | None:
    """An ISO 8601 stamp in UTC; None for nothing and for the beginning of Unix time, which means nothing.

    A stamp without a zone is taken as UTC. Raises `ValueError` for anything else.
    """
    if not value:
        return None
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is not UTC:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at if at > _NO_TIME else None


def known_moment(value: Any) -> datetime:
    """`moment` where there must be one. Raises `ValueError`."""
    at = moment(value)
    if at is None:
        raise ValueError("a time is missing")
    return at
