"""The verdicts as they are, and as they would be if excuses were accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExcuseSplit:
    """Counts of adopted investigations."""

    cases: int
    verdicts: Mapping[str, int]
    """By verdict, as adopted."""
    if_accepted: Mapping[str, int]
    """By verdict, without the cases that an excuse would have written off."""
    excuses: Mapping[str, int]
    """By excuse, most frequent first: the cases it would have written off."""
    let_happen: int
    """Bugs of the classes B2 to B4: the product let it happen, suggested it, or lacked what was needed."""
    codes_lost: Mapping[str, int]
    """By code, what would then never have been found."""
