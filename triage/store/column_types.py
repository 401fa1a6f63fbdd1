"""How the program's own values stand in a database column, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def to_microseconds(at: datetime) -> int:
    """``at`` (aware) as microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The UTC time of `to_microseconds`."""
    return _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, kept as microseconds since 1970: exact, small, and in order in any index."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuses a naive time: nobody could say what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """UTC."""
        return None if value is None else from_microseconds(value)


class Words(TypeDecorator[str]):
    """Text from outside. Half a surrogate pair is no text in any encoding and becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """PostgreSQL has no NUL in text either; SQLite keeps it."""
        if value is None or value.isascii():
            return value if value is None or dialect.name == "sqlite" else value.replace("\0", "\ufffd")
        value = _LONE_SURROGATE.sub("\ufffd", value)
        return value if dialect.name == "sqlite" else value.replace("\0", "\ufffd")

    def bind_all(self, values: Sequence[str | None], dialect: Dialect) -> Sequence[str | None]:
        """`process_bind_param` of each: most columns are plain in all rows, which one look can tell."""
        if dialect.name == "sqlite" and _is_text("".join(filter(None, values))):
            return values
        return [self.process_bind_param(value, dialect) for value in values]


class JsonText(TypeDecorator[Any]):
    """A JSON value as text. Escaped to ASCII, so that every string survives, surrogates and NUL included."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Raises `ValueError` for what JSON cannot say (NaN, infinity)."""
        return "[]" if value == [] else _as_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Lists for arrays, dicts for objects."""
        # Most columns hold nothing most of the time, and a parser is dear for that.
        return [] if value == "[]" else None if value is None else json.loads(value)


def _is_text(words: str) -> bool:
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: object) -> object:
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    return dict(value)  # type: ignore[call-overload]  # any other Mapping; what is none raises TypeError


_as_json = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain).encode
