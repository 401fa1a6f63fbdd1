"""Enhancement cases that may be one wish: titles that share significant words."""

from __future__ import annotations

from collections.abc import Iterable

from triage.insight.earlier import significant_words
from triage.model.enhancement import EnhancementCase

SHARED = 2


def alike_wishes(it: EnhancementCase, others: Iterable[EnhancementCase]) -> tuple[EnhancementCase, ...]:
    """Those of ``others`` that share at least `SHARED` words with ``it`` and are not bundled, best first."""
    words = significant_words(it.title)
    scored = [
        (len(words & significant_words(one.title)), one)
        for one in others
        if one.id != it.id and one.id not in it.bundle and one.state not in ("screened_out", "shipped")
    ]
    close = [(shared, one) for shared, one in scored if shared >= SHARED]
    return tuple(one for _, one in sorted(close, key=lambda row: (-row[0], row[1].id)))
