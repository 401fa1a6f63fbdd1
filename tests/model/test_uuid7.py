from __future__ import annotations

from uuid import UUID

import pytest

from triage.model.uuid7 import uuid7


def test_it_carries_time_version_and_variant() -> None:
    made = UUID(uuid7(0x0123456789AB, b"\xff" * 10))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == 0x0123456789AB


def test_ids_sort_by_time() -> None:
    assert uuid7(1, b"\xff" * 10) < uuid7(2, b"\x00" * 10)


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="ten random bytes"):
        uuid7(1, b"123")
