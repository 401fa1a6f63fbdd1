"""The card after the last question: what is missing, and what can be done with what is there."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from triage.model.clean_text import clean_line
from triage.model.investigation import InvestigationView
from triage.model.run import Option
from triage.tui.party_words import follow_up
from triage.tui.safe_text import Piece, content
from triage.tui.screens.retrospective.missing import missing_words
from triage.tui.widgets.pick_list import PickList
from triage.tui.widgets.violations import ViolationList

VERDICT_WORDS = {"bug": "bug", "education_gap": "education gap", "undetermined": "not determined"}

QUICK_WORDS = "\n\nSaved as preliminary. No causes tonight. Raise it to brief or full when there is time.\n"


def outcome(view: InvestigationView) -> Content:
    """Phase, verdict, code and probable cause as they stand."""
    one = view.investigation
    pieces: list[Piece] = [(f"{one.phase.upper()} · {one.state.replace('_', ' ')}", "strong-accent")]
    if one.mode == "quick":
        pieces.append((QUICK_WORDS, ""))
    else:
        code = f" {clean_line(one.classification.code)}" if one.classification.code else ""
        pieces += [
            (" · verdict ", "muted"),
            (f"{VERDICT_WORDS[one.classification.verdict]}{code}\n", "strong"),
        ]
        if one.cause_sentence:
            pieces.append((f"{one.cause_sentence.strip()}\n", ""))
    for label, words in follow_up(one) if one.mode != "quick" else ():
        pieces += [(f"{label:<12}", "muted"), (f"{words.strip()}\n", "")]
    if len(one.investigators) > 1:
        pieces += [(f"{'by':<12}", "muted"), (f"{', '.join(one.investigators)}\n", "")]
    pieces.append((f"{missing_words(view.violations)}", "severity" if view.violations else "good"))
    return content(*pieces)


class EndCard(Vertical):
    """Everything is asked. Nothing is done by Enter alone."""

    @dataclass
    class Chosen(Message):
        """What to do now: ``adopt``, ``report``, ``note``, ``customer``, ``sheet``, ``leave``; or what comes
        after: ``parties``, ``recommendations``, ``wish``, ``reopen``, ``earlier``.
        """

        verb: str

    def __init__(self, view: InvestigationView) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        """How it stands, what is missing, what can be done."""
        yield Static(outcome(self.view), classes="outcome")
        if self.view.violations:
            yield ViolationList()
        yield PickList(self._choices())

    def _choices(self) -> list[Option]:
        adopted = self.view.investigation.state == "adopted"
        words = "show what is written to the ticket" if adopted else "adopt it: shows what will be written"
        adopt = Option("adopt", words, "a")
        return [
            *([adopt] if self.view.investigation.mode != "quick" else []),
            Option("report", "read the report", "r"),
            Option("note", "read the internal note", "i"),
            Option("customer", "read the customer draft (copy only, never sent)", "c"),
            Option("sheet", "read the sheet for a debrief of 30 minutes (to print)", "s"),
            *self._following(),
            Option("leave", "leave; all of it is saved", "l"),
        ]

    def _following(self) -> list[Option]:
        """What may be done beside reading, as far as there is something."""
        one = self.view.investigation
        if one.mode == "quick":
            return []
        asked = [Option("parties", "parties: ask, hear, write down a dissent", "p")]
        if one.issued:
            asked.append(Option("recommendations", f"follow its {len(one.issued)} recommendations", "f"))
        if one.enhancement:
            asked.append(Option("wish", "the wish behind it, as an enhancement case", "w"))
        if one.state == "adopted":
            asked.append(Option("reopen", "reopen it for new evidence", "o"))
        if one.superseded:
            asked.append(Option("earlier", "read an earlier final version", "v"))
        return asked

    def on_mount(self) -> None:
        """What is missing comes first."""
        for listing in self.query(ViolationList):
            listing.show(self.view.violations)
        pick = self.query_one(PickList)
        pick.highlighted = None
        pick.focus()

    @on(PickList.Done)
    def _picked(self, event: PickList.Done) -> None:
        event.stop()
        verb = event.pick.picked[0]
        event.pick.pick([])
        self.post_message(self.Chosen(verb))
