"""What happened in a run, without who did it: all that statistics are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.model.json_value import Json

_KEPT = frozenset(
    {"playbook", "version", "sha256", "text", "origin", "includes", "step", "next", "reason", "saved", "name",
     "value", "to", "rule", "outcome", "choice", "returned"}
)  # fmt: skip
_WORDS = ("text", "reason", "value")
"""Fields that are the playbook's own in some kinds of entry, and free words of a person in the others."""
_NO_WORDS: Mapping[str, frozenset[str]] = {
    "run.opened": frozenset({"text"}),
    "step.skipped": frozenset({"reason"}),
    "var.set": frozenset({"value"}),
}
"""Kind of entry to those of `_WORDS` that are no free words in it."""


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One entry of a run with the people taken out."""

    run_id: str
    case_id: str
    kind: str
    at: datetime
    """UTC."""
    data: Mapping[str, Json]


def without_people(kind: str, data: Mapping[str, Json]) -> dict[str, Json]:
    """The fields of an entry's data that statistics may see: no driver, no navigator, no free words."""
    kept = _NO_WORDS.get(kind, frozenset())
    return {
        name: value for name, value in data.items() if name in _KEPT and (name not in _WORDS or name in kept)
    }
