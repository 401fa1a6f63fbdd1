"""Wording rules that only inform for now: people silenced them so often that they were in the way.

Which ones is kept in the docket and told by the desk; the patterns and what they suggest stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

_at_rest: frozenset[str] = frozenset()
"""Replaced as a whole: a thread that reads meanwhile sees all rules of before or all of after."""


def put_at_rest(rules: Iterable[str]) -> None:
    """From now on in this process ``rules``, and no others, only inform."""
    global _at_rest  # noqa: PLW0603 - one swap is what other threads may see
    _at_rest = frozenset(rules)


def is_at_rest(rule: str) -> bool:
    """Whether ``rule`` only informs."""
    return rule in _at_rest


def at_rest() -> tuple[str, ...]:
    """The rules that only inform, by name."""
    return tuple(sorted(_at_rest))
