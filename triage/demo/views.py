"""The helpdesk's saved views: what they are called and which tickets they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage.demo import documents
from triage.demo.documents import API, Document
from triage.demo.records import PRESENT, SOLVED, Selection, tagged

_UNSOLVED = Selection("rank < ?", (SOLVED,))


@dataclass(frozen=True, slots=True)
class View:
    """One view; ``selects`` gets the caller's user id."""

    id: int
    title: str
    description: str
    conditions: tuple[tuple[str, str, str], ...]
    selects: Callable[[int], Selection]

    def document(self, created: float) -> Document:
        """The view as the API shows it."""
        keys = ("field", "operator", "value")
        return {
            "url": f"{API}/views/{self.id}.json",
            "id": self.id,
            "title": self.title,
            "active": True,
            "default": False,
            "description": self.description,
            "position": self.id,
            "created_at": documents.stamp(created),
            "updated_at": documents.stamp(created),
            "restriction": None,
            "conditions": {
                "all": [dict(zip(keys, condition, strict=True)) for condition in self.conditions],
                "any": [],
            },
            "execution": {"group_by": None, "sort_by": "id", "group_order": "asc", "sort_order": "asc"},
        }


_LESS_THAN_SOLVED = ("status", "less_than", "solved")
VIEWS: tuple[View, ...] = (
    View(
        1,
        "Your unsolved tickets",
        "Assigned to you and not solved",
        (_LESS_THAN_SOLVED, ("assignee_id", "is", "current_user")),
        lambda caller: _UNSOLVED & Selection("assignee_id = ?", (caller,)),
    ),
    View(
        2,
        "Escalated to engineering",
        "Everything Support has handed to Engineering and that is not solved",
        (_LESS_THAN_SOLVED, ("current_tags", "includes", "escalated")),
        lambda _caller: _UNSOLVED & tagged("escalated"),
    ),
    View(
        3,
        "Unassigned tickets",
        "Nobody has them yet",
        (_LESS_THAN_SOLVED, ("assignee_id", "is", "")),
        lambda _caller: _UNSOLVED & Selection("assignee_id IS NULL"),
    ),
    View(
        4,
        "All unsolved tickets",
        "Everything that is not solved",
        (_LESS_THAN_SOLVED,),
        lambda _caller: _UNSOLVED,
    ),
    View(
        5,
        "Solved or closed",
        "Everything that is finished",
        (("status", "greater_than", "hold"),),
        lambda _caller: PRESENT & Selection("rank >= ?", (SOLVED,)),
    ),
)


def view_of(number: int) -> View | None:
    """The view with this id."""
    return next((view for view in VIEWS if view.id == number), None)
