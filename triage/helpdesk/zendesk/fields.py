"""Custom ticket fields of one Zendesk account: numbers in the API, titles for people, our words inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.shape import Record, line, whole_number
from triage.model.json_value import Json

SYSTEM_TYPES: frozenset[str] = frozenset(
    {"subject", "description", "status", "custom_status", "tickettype", "priority", "basic_priority", "group",
     "assignee"}
)  # fmt: skip
"""Types of the fields every ticket has by itself; they are listed along with the custom ones."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field."""

    id: int
    title: str
    word: str
    options: tuple[tuple[str, str], ...] = ()
    """Name and value of each choice of a drop-down."""
    names: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The name of each choice by its value."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {code: name for name, code in self.options})


@dataclass(slots=True)
class CustomFields:
    """All custom fields, found by number or by our word."""

    by_id: dict[int, CustomField] = field(default_factory=dict)

    @classmethod
    def read(cls, definitions: Iterable[Record], words: FieldWords) -> CustomFields:
        """From the list at ``/ticket_fields``. System fields are left out."""
        found = cls()
        for definition in definitions:
            if definition.get("type") in SYSTEM_TYPES:
                continue
            number, title = whole_number(definition["id"]), line(definition.get("title"))
            options = tuple(
                (line(option.get("name")), line(option.get("value")))
                for option in definition.get("custom_field_options") or ()
            )
            found.by_id[number] = CustomField(number, title, words.word(title, str(number)), options)
        return found

    def word(self, number: int) -> str:
        """Our word for the field ``number``, or its title."""
        known = self.by_id.get(number)
        return known.word if known else f"field {number}"

    def shown(self, number: int, value: Json) -> str:
        """A value as people read it: the name of a choice instead of its code."""
        if value is None:
            return ""
        known = self.by_id.get(number)
        names = known.names if known else {}
        if isinstance(value, str):
            return names.get(value, value)
        parts = value if isinstance(value, list | tuple) else [value]
        return ", ".join(names.get(one_line(part), one_line(part)) for part in parts if part is not None)

    def on_the_wire(self, word: str, value: Json) -> tuple[int, Json] | None:
        """Number and coded value for a field by our word or its title; None when there is no such field."""
        for known in self.by_id.values():
            if word.casefold() in (known.word.casefold(), known.title.casefold(), str(known.id)):
                codes = {name.casefold(): code for name, code in known.options}
                return known.id, codes.get(value.casefold(), value) if isinstance(value, str) else value
        return None
