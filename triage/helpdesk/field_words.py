"""Our words for the fields of a ticket, and a helpdesk's names for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast, get_args

from triage.model.clean_text import as_compared
from triage.model.json_value import Json
from triage.model.ticket import Priority, Relationship

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "product": ("Product",),
    "product_version": ("Version", "Product version"),
    "component": ("Component",),
    "relationship": ("Relationship",),
    "priority": ("Severity", "Priority"),
    "customer": ("Customer", "Account"),
    "tags": ("Tags",),
    "escalation_reason": ("Escalation reason",),
    "esc_verdict": ("esc_verdict",),
    "esc_code": ("esc_code",),
    "esc_problem": ("esc_problem",),
    "esc_phase": ("esc_phase",),
}
"""Taken when the profile does not say otherwise."""

_URGENCY: Mapping[str, Priority] = {
    "urgent": "urgent", "critical": "urgent", "blocker": "urgent", "emergency": "urgent", "highest": "urgent",
    "sev1": "urgent", "sev 1": "urgent", "sev-1": "urgent", "s1": "urgent", "p1": "urgent", "p0": "urgent",
    "high": "high", "major": "high", "sev2": "high", "sev 2": "high", "sev-2": "high", "s2": "high",
    "p2": "high",
    "normal": "normal", "medium": "normal", "sev3": "normal", "sev 3": "normal", "sev-3": "normal",
    "s3": "normal", "p3": "normal",
    "low": "low", "minor": "low", "trivial": "low", "lowest": "low", "sev4": "low", "sev 4": "low",
    "sev-4": "low", "s4": "low", "p4": "low",
}  # fmt: skip


class FieldWords:
    """Translates both ways; a field we have no word for keeps the helpdesk's name."""

    def __init__(self, configured: Mapping[str, str], native: Collection[str] = ()) -> None:
        """No custom field is guessed for ``native`` words: the helpdesk has fields of its own for them."""
        self._words = {name.casefold(): word for word, name in configured.items()}
        for word, names in USUAL_NAMES.items():
            if word not in configured and word not in native:
                for name in names:
                    self._words.setdefault(name.casefold(), word)

    def word(self, *names: str) -> str:
        """Our word for the field that the helpdesk calls by any of ``names`` (title, id)."""
        for name in names:
            if (word := self._words.get(name.casefold())) is not None:
                return word
        return names[0]

    def asked(
        self, fields: Mapping[str, Json], there: Iterable[str]
    ) -> tuple[dict[str, Json], tuple[str, ...]]:
        """``fields`` under the words a ticket uses, and the names of those that it does not have.

        ``there`` are the words the ticket carries.
        """
        known = {word.casefold(): word for word in there}
        kept: dict[str, Json] = {}
        left_out = []
        for name, value in fields.items():
            word = known.get(name.casefold()) or known.get(self.word(name).casefold())
            if word is None:
                left_out.append(name)
            else:
                kept[word] = value
        return kept, tuple(left_out)


def one_line(value: Json) -> str:
    """A field's value as people read it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(one_line(item) for item in value)
    return str(value)


def same_value(left: Json, right: Json) -> bool:
    """Whether two values of a field mean the same: ``None`` and empty text do, ``5`` and ``"5"`` too.

    Helpdesks keep line breaks their own way and take blanks off both ends; neither is another value.
    """
    return as_compared(one_line(left)).casefold() == as_compared(one_line(right)).casefold()


def priority_of(value: str) -> Priority | None:
    """The priority that a helpdesk's word stands for; None for an unknown word."""
    return _URGENCY.get(value.strip().casefold())


def relationship_of(value: str) -> Relationship:
    """What they are to us; anything unknown counts as a customer."""
    word = value.strip().casefold().replace(" ", "_").replace("-", "_")
    return cast("Relationship", word) if word in get_args(Relationship) else "customer"
