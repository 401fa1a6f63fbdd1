"""When each key of an investigation would do something."""

from __future__ import annotations

from collections.abc import Callable

from triage.tui.screens.retrospective.head import answered
from triage.tui.screens.retrospective.page import RetrospectivePage
from triage.tui.widgets.wording_area import WordingArea


def _asks(page: RetrospectivePage) -> bool:
    return page.field is not None


def _has_words(page: RetrospectivePage) -> bool:
    return page.field is not None and bool(page.field.query(WordingArea))


def _has_hits(page: RetrospectivePage) -> bool:
    return page.field is not None and bool(page.field.hits())


def _differs_from_prefill(page: RetrospectivePage) -> bool:
    field = page.field
    if field is None or field.prompt.prefill in (None, "", []):
        return False
    return field.touched or answered(field.prompt.value)


LETTERS = frozenset({"write", "nothing", "fold", "pair"})
"""Keys that a field takes for itself while a person writes in it."""

USE: dict[str, Callable[[RetrospectivePage], bool]] = {
    "write": lambda page: page.field is not None and page.focused is None,
    "nothing": lambda page: page.field is not None and page.field.walking,
    "accept": _asks,
    "fold": _asks,
    "keys_help": _asks,
    "cite": _asks,
    "editor": _has_words,
    "silence": _has_hits,
    "prefilled": _differs_from_prefill,
    "parties": lambda page: page.view is not None and page.view.investigation.mode != "quick",
    "pair": lambda page: page.view is not None,
    "missing": lambda page: page.view is not None and bool(page.view.violations),
}
"""When each key is of use."""
