"""The table of step kinds for the page of help: sign, kind, what it does."""

from __future__ import annotations

from collections.abc import Iterator

from triage.model.run import StepClass, StepKind
from triage.tui.safe_text import Piece
from triage.tui.widgets.place_list import LOOKS, MARK_WORDS, MARKS

KINDS: tuple[tuple[StepKind | str, StepClass, str], ...] = (
    ("instruct", "read", "do it, then Enter"),
    ("checklist", "read", "tick what was done"),
    ("ask", "ask", "a question; u: not known"),
    ("evidence", "ask", "keep what shows how it was"),
    ("root_cause", "ask", "the probable cause, for you to accept"),
    ("check", "check", "a command that only reads; r, then y"),
    ("http", "check", "a request; r, then y"),
    ("check", "change", "a command that changes something"),
    ("check", "destructive", "cannot be undone; its id is typed"),
    ("decide", "decide", "which way; another one with a reason"),
    ("playbook", "read", "goes into another playbook"),
    ("wait", "read", "time must pass; you may leave"),
    ("note", "talk", "text for the team, kept here"),
    ("draft_reply", "talk", "text for the customer, a draft"),
    ("handover", "talk", "the hand-over note"),
    ("finding", "read", "what the steps have shown"),
    ("end", "read", "how it ended"),
)


def kind_rows() -> Iterator[list[Piece]]:
    """The rows: kinds with their signs, then what the marks of the list at the left say."""
    yield [("Kinds of steps", "strong")]
    yield []
    for kind, step_class, words in KINDS:
        look = LOOKS[step_class]
        yield [(f"  {look.glyph} ", look.tone), (f"{kind:<12}", "accent"), (words, "")]
    yield []
    yield [("Marks in the list of steps", "strong")]
    yield []
    for mark, words in MARK_WORDS.items():
        glyph, tone = MARKS[mark]
        yield [(f"{glyph:>14}  ", tone), (words, "")]
