"""Steps put in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_SINGLE = ("next", "on_pass", "on_fail", "otherwise")


def targets(step: dict[str, Any]) -> Iterator[str]:
    """Every step that ``step`` names as one that may follow."""
    for key in _SINGLE:
        if step.get(key):
            yield step[key]
    for part in (*step.get("options", ()), *step.get("branches", ())):
        if part.get("next"):
            yield part["next"]


def in_reading_order(steps: list[dict[str, Any]], first: str) -> list[dict[str, Any]]:
    """``steps`` from ``first`` on, each behind all that lead to it.

    ``next`` stays only where it is not the step that follows in the file.

    Every step but an end names what follows, and there is no loop; both are so when this is called.
    """
    by_id = {step["id"]: step for step in steps}
    seen: set[str] = set()
    ordered = [by_id[name] for start in (first, *by_id) for name in _from(start, by_id, seen)]
    for step, following in pairwise(ordered):
        if step.get("next") == following["id"]:
            del step["next"]
    return ordered


def _from(start: str, by_id: dict[str, dict[str, Any]], seen: set[str]) -> Iterator[str]:
    """The steps from ``start`` on that are not ``seen`` yet, none before one that leads to it."""
    done: list[str] = []
    waiting = [] if start in seen else [(start, _ahead(by_id[start]))]
    seen.add(start)
    while waiting:
        name, ahead = waiting[-1]
        target = next((one for one in ahead if one not in seen), None)
        if target is None:
            waiting.pop()
            done.append(name)
        else:
            seen.add(target)
            waiting.append((target, _ahead(by_id[target])))
    return reversed(done)


def _ahead(step: dict[str, Any]) -> Iterator[str]:
    # The last way first: written down backwards, the first way then comes right behind its step.
    return reversed(list(targets(step)))
