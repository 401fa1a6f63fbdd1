"""Answering the step at hand."""

from __future__ import annotations

import json

from textual import on

from triage.model.clean_text import clean_line
from triage.model.json_value import Json
from triage.model.run import SKIP_REASONS, StepView
from triage.tui.safe_text import content
from triage.tui.screens.runner.asking import LineScreen, ReasonScreen
from triage.tui.screens.runner.page import RunnerPage
from triage.tui.widgets.answer_form import NotAnswered
from triage.tui.widgets.step_card import StepCard
from triage.tui.widgets.together_field import stands_together


class AnswerKeys(RunnerPage):
    """The keys that give an answer."""

    def action_accept(self) -> None:
        """Enter: the safe thing to do on this page. It never runs a command."""
        view = self.view
        if view is None:
            return
        if self.held:
            return
        if self._memory_first:
            self._verb(self.desk.playbooks.acknowledge_memory(self.run_id))
        elif self.step is not None and self.step.command is None:
            self._answer(self.step)

    def action_accept_written(self) -> None:
        """Give what is written as the answer, from inside a field too."""
        step = self.step
        if step is not None:
            self.after_typing(lambda: self._answer(step))

    @on(StepCard.Submitted)
    def _submitted(self) -> None:
        self.action_accept_written()

    def _answer(self, step: StepView) -> None:
        card = self.card
        if card is None or card.step.id != step.id or step.command is not None:
            return
        try:
            if stands_together(step):
                verb = self.desk.playbooks.confirm_together
                self._verb(verb(self.run_id, card.together()), answers=step.id)
            elif step.kind == "evidence":
                self._give_evidence(step, self._pasted(card))
            elif step.kind == "decide":
                self._decide(step, str(card.value()))
            else:
                self._give(step, card.value())
        except NotAnswered as missing:
            self.triage.say(str(missing), severity="warning")

    def _pasted(self, card: StepCard) -> tuple[str, str] | None:
        try:
            return card.evidence()
        except NotAnswered:
            if not self.pieces:
                raise
            return None

    def _give_evidence(self, step: StepView, pasted: tuple[str, str] | None) -> None:
        pieces = [*self.pieces, *([pasted] if pasted else [])]
        self._give(step, [{"kind": kind, "content": text} for kind, text in pieces])

    def _give(self, step: StepView, value: Json) -> None:
        """Give the answer; for a step of two people the navigator first types the step's id."""
        answer = self.desk.playbooks.answer
        if not step.two_person:
            self._verb(answer(self.run_id, step.id, value), answers=step.id)
            return
        title = content(
            ("Two people: ", "strong"), ("the navigator types ", ""), (clean_line(step.id), "strong-accent")
        )

        def typed(words: str | None) -> None:
            if words is not None:
                both: Json = {"value": value, "typed": words}
                self._verb(answer(self.run_id, step.id, both), answers=step.id)

        self.app.push_screen(LineScreen(title), typed)

    def action_more_evidence(self) -> None:
        """Keep this piece and ask for another."""
        step, card = self.step, self.card
        if step is None or card is None or step.kind != "evidence":
            return
        try:
            pasted = card.evidence()
        except NotAnswered as missing:
            self.triage.say(str(missing), severity="warning")
            return
        self.pieces.append(pasted)
        self.keeper.typed(self.pieces_slot(step.id), json.dumps(self.pieces))
        self.keeper.typed(self.slot(step.id), "")
        if (area := card.text_area()) is not None:
            area.begin("")
        self.triage.say(f"{len(self.pieces)} kept. Paste the next, or F5 to go on.")

    def _decide(self, step: StepView, branch: str) -> None:
        verb = self.desk.playbooks.decide
        if not step.proposed_branch or branch == step.proposed_branch:
            self._verb(verb(self.run_id, step.id, branch), answers=step.id)
            return
        title = content(("Another way than the conditions say. Why?", "strong"))

        def given(reason: tuple[str, str] | None) -> None:
            if reason is not None:
                self._verb(verb(self.run_id, step.id, branch, reason=reason[1]), answers=step.id)

        self.app.push_screen(ReasonScreen(title, (), always=True), given)

    def action_unknown(self) -> None:
        """Not knowing is an answer."""
        if self.step is not None:
            step_id = self.step.id
            self._verb(self.desk.playbooks.answer_unknown(self.run_id, step_id), answers=step_id)

    def action_skip(self) -> None:
        """Leave the step out, with a reason."""
        step = self.step
        if step is None:
            return
        title = content(("Skip ", "strong"), (clean_line(step.title), ""), (" because", "strong"))

        def given(reason: tuple[str, str] | None) -> None:
            if reason is not None:
                self._verb(self.desk.playbooks.skip(self.run_id, step.id, reason[0], reason[1]))

        words_for = ("other", "step is wrong")
        self.app.push_screen(
            ReasonScreen(title, SKIP_REASONS, words_for=words_for, always=step.required), given
        )

    def action_why(self) -> None:
        """Show or fold why the step is there."""
        if self.card is not None:
            self.card.toggle_why()

    def action_editor(self) -> None:
        """Write the text in the editor of the environment."""

        area = self.card.text_area() if self.card is not None else None
        if area is not None:
            area.edit_outside()
