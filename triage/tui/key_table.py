"""The tables of keys for the documentation, from the bindings that drive the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.binding import Binding, BindingType

from triage.tui.keys import MOTIONS, key_name


def key_table() -> str:
    """Markdown: one table a screen, several keys of one action on one row."""
    from triage.tui.app import TriageApp
    from triage.tui.screens.case import CaseScreen
    from triage.tui.screens.case_evidence import ON_EVIDENCE
    from triage.tui.screens.conflict import ConflictScreen
    from triage.tui.screens.message import MessageScreen
    from triage.tui.screens.outbox import OutboxScreen
    from triage.tui.screens.playbook_picker import PlaybookPicker
    from triage.tui.screens.playbook_statistics import PlaybookStatisticsScreen
    from triage.tui.screens.queue import QueueScreen
    from triage.tui.screens.registers.enhancement import EnhancementScreen
    from triage.tui.screens.registers.enhancements import EnhancementsScreen
    from triage.tui.screens.registers.letter import LetterScreen
    from triage.tui.screens.registers.recommendation_keys import RECOMMENDATION_KEYS
    from triage.tui.screens.registers.recommendations import RecommendationsScreen
    from triage.tui.screens.retrospective.parties import PartiesScreen
    from triage.tui.screens.retrospective.screen import RetrospectiveScreen
    from triage.tui.screens.runner.screen import RunnerScreen
    from triage.tui.screens.write_page import WritePageScreen

    screens: tuple[tuple[str, Iterable[BindingType]], ...] = (
        ("Everywhere", TriageApp.BINDINGS),
        ("Lists and texts", MOTIONS),
        ("Queue", QueueScreen.BINDINGS),
        ("Case", (*CaseScreen.BINDINGS, *ON_EVIDENCE)),
        ("Choosing a playbook", PlaybookPicker.BINDINGS),
        ("Playbook", RunnerScreen.BINDINGS),
        ("How playbooks fare", PlaybookStatisticsScreen.BINDINGS),
        ("Investigation", RetrospectiveScreen.BINDINGS),
        ("Parties of an investigation", PartiesScreen.BINDINGS),
        ("Recommendations", RecommendationsScreen.BINDINGS),
        ("A recommendation", RECOMMENDATION_KEYS),
        ("A letter", LetterScreen.BINDINGS),
        ("Enhancement cases", EnhancementsScreen.BINDINGS),
        ("An enhancement case", EnhancementScreen.BINDINGS),
        ("Writing a note or a reply", MessageScreen.BINDINGS),
        ("What will be written", WritePageScreen.BINDINGS),
        ("Outbox", OutboxScreen.BINDINGS),
        ("Conflict", ConflictScreen.BINDINGS),
    )
    return "\n\n".join(_table(name, bindings) for name, bindings in screens)


def _table(name: str, bindings: Iterable[BindingType]) -> str:
    rows = [f"| {keys} | {words} |" for keys, words in _rows(bindings)]
    return "\n".join([f"| {name} | |", "|---|---|", *rows])


def _rows(bindings: Iterable[BindingType]) -> Iterator[tuple[str, str]]:
    grouped: dict[str, tuple[list[str], str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding) and binding.description and not binding.action.startswith("why_not"):
            keys, _ = grouped.setdefault(binding.action, ([], binding.description))
            keys += [f"`{key_name(key.strip())}`" for key in binding.key.split(",")]
    for keys, words in grouped.values():
        yield " ".join(dict.fromkeys(keys)), words
