"""What the docket of an investigation holds, with hashes, so that a reader can tell that nothing was changed.

Names of people are part of what is hashed and are not printed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triage.model.entry import Entry
from triage.model.run import EvidenceItem


@dataclass(frozen=True, slots=True)
class DocketIndex:
    """The entries as one hash, and every piece of evidence with its own."""

    count: int
    kinds: tuple[tuple[str, int], ...]
    """Kind of entry and how many, most first."""
    sha256: str
    """Over all entries in order; one changed, added or taken away makes another."""
    evidence: tuple[EvidenceItem, ...]


def index_of(entries: Sequence[Entry], evidence: Sequence[EvidenceItem] = ()) -> DocketIndex:
    """The index of ``entries``, which are in the order of their ids."""
    whole = hashlib.sha256()
    for entry in entries:
        whole.update(_canonical(entry))
    kinds = Counter(entry.kind for entry in entries)
    return DocketIndex(len(entries), tuple(kinds.most_common()), whole.hexdigest(), tuple(evidence))


def _canonical(entry: Entry) -> bytes:
    told = [
        entry.id,
        entry.case_id,
        entry.subject,
        entry.subject_id,
        entry.kind,
        entry.at.isoformat(),
        entry.actor,
        entry.role,
        entry.navigator,
        entry.data,
    ]
    return json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
