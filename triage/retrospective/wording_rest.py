"""Wording rules that only inform for now: people silenced them so often that they were in the way.

Which ones is kept in the docket and told by the desk; the patterns and what they suggest stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

_AT_REST: set[str] = set()


def put_at_rest(rules: Iterable[str]) -> None:
    """From now on in this process ``rules``, and no others, only inform."""
    _AT_REST.clear()
    _AT_REST.update(rules)


def is_at_rest(rule: str) -> bool:
    """Whether ``rule`` only informs."""
    return rule in _AT_REST


def at_rest() -> tuple[str, ...]:
    """The rules that only inform, by name."""
    return tuple(sorted(_AT_REST))
