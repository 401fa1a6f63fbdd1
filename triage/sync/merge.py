"""Three-way merge: what the person saw, what they want, what the helpdesk says now.

Only one side changed: its value holds. Both changed to the same: fine. Both changed to different values:
a conflict, nothing is written, and a person picks. Tags are merged as sets, notes only ever append.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeAlias

from triage.model.clean_text import as_compared
from triage.model.errors import Invalid, NeedsInput
from triage.model.json_value import Json
from triage.model.operation import Change, Operation
from triage.model.ticket import Ticket

Pick: TypeAlias = Literal["mine", "theirs"]

_OWN_NAMES = frozenset({"key", "status", "assignee", "tags"})
_TICKET_ATTRIBUTES = frozenset(f.name for f in fields(Ticket)) - {"fields", "tags", "version", "satisfaction"}


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """Both sides changed a field, to different values."""

    field: str
    base: Json
    mine: Json
    theirs: Json

    def __str__(self) -> str:
        seen, mine, theirs = (_in_words(value) for value in (self.base, self.mine, self.theirs))
        return f"{self.field}: it was {seen}, we want {mine}, the ticket now says {theirs}"


@dataclass(frozen=True, slots=True)
class Merged:
    """What is still to be written, or why nothing may be."""

    change: Change
    """Without what the ticket already says."""
    conflicts: tuple[FieldConflict, ...] = ()


def base_of(ticket: Ticket, change: Change) -> Mapping[str, Json]:
    """The values of ``ticket`` that ``change`` touches, and its key: what the person saw."""
    base: dict[str, Json] = {"key": ticket.key}
    for name in wishes(change):
        base[name] = value_on(ticket, name)
    if change.tags_add or change.tags_remove:
        base["tags"] = list(ticket.tags)
    return base


def wishes(change: Change, *, me: str = "") -> Mapping[str, Json]:
    """The single values ``change`` wants, by name. ``me`` stands in for our own account where known."""
    wanted: dict[str, Json] = {}
    if change.status is not None:
        wanted["status"] = change.status
    if change.assignee is not None:
        wanted["assignee"] = me if change.assignee == "me" and me else change.assignee
    for name, value in change.fields.items():
        wanted[_label(name)] = value
    return wanted


def value_on(ticket: Ticket, name: str) -> Json:
    """What ``ticket`` says under ``name`` (as `wishes` names it); None when it says nothing."""
    if name in ("status", "assignee"):
        return str(getattr(ticket, name))
    if name.startswith("field "):
        return ticket.fields.get(name.removeprefix("field "))
    if name in ticket.fields:
        return ticket.fields[name]
    if name in _TICKET_ATTRIBUTES:
        value = getattr(ticket, name)
        return value if value is None or isinstance(value, bool) else str(value)
    return None


def same(one: Json, other: Json) -> bool:
    """Whether two values mean the same to a helpdesk: nothing, "" and [] do, and so do 3 and "3".

    So does a text that comes back with other line breaks or without its outer blanks.
    """
    if _empty(one) or _empty(other):
        return _empty(one) and _empty(other)
    if isinstance(one, (str, int, float)) and isinstance(other, (str, int, float)):
        return as_compared(str(one)) == as_compared(str(other))
    return one == other


def three_way(base: Json, mine: Json, theirs: Json) -> tuple[Json, bool]:
    """The merged value and whether both sides changed to different ones (then the value is ``base``)."""
    if same(mine, theirs) or same(base, theirs):
        return mine, False
    if same(base, mine):
        return theirs, False
    return base, True


def merge_sets(base: frozenset[str], mine: frozenset[str], theirs: frozenset[str]) -> frozenset[str]:
    """What both kept, and what either added."""
    return (mine & theirs) | (mine - base) | (theirs - base)


def merge(
    operation: Operation, current: Ticket, *, me: str = "", ours: Mapping[str, Json] | None = None
) -> Merged:
    """Merge ``operation`` with ``current``, straight from the helpdesk.

    ``me`` is the name of our own account there; ``ours`` holds values that earlier operations of our own
    wrote since the person looked: finding those is no conflict.
    """
    kept: dict[str, Json] = {}
    conflicts: list[FieldConflict] = []
    for name, mine in wishes(operation.change, me=me).items():
        theirs = value_on(current, name)
        base = operation.base.get(name)
        if ours and name in ours and same(ours[name], theirs):
            base = theirs
        merged, clash = three_way(base, mine, theirs)
        if clash:
            conflicts.append(FieldConflict(name, base, mine, theirs))
        elif not same(merged, theirs):
            kept[name] = merged
    return Merged(_narrowed(operation, current, kept), tuple(conflicts))


def resolve(operation: Operation, picks: Mapping[str, Pick], current: Ticket, *, me: str = "") -> Operation:
    """``operation`` with every conflict decided against ``current``, the ticket the person was shown.

    ``mine``: our value is written over the one shown (and over no other). ``theirs``: ours is given up.
    Raises `NeedsInput` while a conflict has no pick and `Invalid` for a pick without a conflict.
    """
    conflicts = {conflict.field: conflict for conflict in merge(operation, current, me=me).conflicts}
    for name in picks:
        if name not in conflicts:
            raise Invalid(
                f"{name} is not in conflict", do=f"In conflict: {', '.join(conflicts) or 'nothing'}"
            )
    if missing := [name for name in conflicts if name not in picks]:
        raise NeedsInput(f"{', '.join(missing)} still in conflict", do="Pick mine or theirs for each")
    dropped = {name for name, pick in picks.items() if pick == "theirs"}
    base = dict(operation.base)
    base |= {name: conflicts[name].theirs for name, pick in picks.items() if pick == "mine"}
    return replace(operation, base=base, change=_without(operation.change, dropped))


def written_meanwhile(
    operation: Operation, earlier: Sequence[Operation], *, me: str = ""
) -> Mapping[str, Json]:
    """Values that ``earlier`` operations on the same ticket wrote after the person looked for this one."""
    ours: dict[str, Json] = {}
    for other in earlier:
        sent = [step.sent_at for step in other.steps if step.state in ("landed", "verified") and step.sent_at]
        if other.id != operation.id and sent and max(sent) >= operation.created_at:
            ours |= wishes(other.change, me=me)
    return ours


def _narrowed(operation: Operation, current: Ticket, kept: Mapping[str, Json]) -> Change:
    change = operation.change
    added, removed = _tags(operation, current)
    return replace(
        change,
        tags_add=added,
        tags_remove=removed,
        status=change.status if "status" in kept else None,
        assignee=change.assignee if "assignee" in kept else None,
        fields={name: value for name, value in change.fields.items() if _label(name) in kept},
    )


def _tags(operation: Operation, current: Ticket) -> tuple[tuple[str, ...], tuple[str, ...]]:
    add, remove = frozenset(operation.change.tags_add), frozenset(operation.change.tags_remove)
    seen = operation.base.get("tags")
    base = frozenset(str(tag) for tag in seen) if isinstance(seen, (list, tuple)) else frozenset(current.tags)
    # Asked for is an edit even where it was so already: it stood on the page they confirmed.
    base = (base | remove) - add
    theirs = frozenset(current.tags)
    merged = merge_sets(base, (base | add) - remove, theirs)
    return tuple(sorted(merged - theirs)), tuple(sorted(theirs - merged))


def _without(change: Change, names: set[str]) -> Change:
    return replace(
        change,
        status=None if "status" in names else change.status,
        assignee=None if "assignee" in names else change.assignee,
        fields={name: value for name, value in change.fields.items() if _label(name) not in names},
    )


def _label(field: str) -> str:
    return f"field {field}" if field in _OWN_NAMES else field


def _empty(value: Json) -> bool:
    return value is None or value in ([], ()) or (isinstance(value, str) and not as_compared(value))


def _in_words(value: Json) -> str:
    return "empty" if _empty(value) else f"“{value}”"
