"""The step in the middle of the runner: what to do now, and the field that takes the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from triage.model.clean_text import clean_line
from triage.model.json_value import Json
from triage.model.run import Option, StepView
from triage.tui.clock_words import span
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece, content, safe
from triage.tui.widgets.answer_form import AnswerForm, AskType, NotAnswered
from triage.tui.widgets.command_sheet import EFFECT_WORDS, command_sheet
from triage.tui.widgets.evidence_field import CauseField, EvidenceField
from triage.tui.widgets.hanging_text import HangingText
from triage.tui.widgets.pick_list import PickList
from triage.tui.widgets.place_list import LOOKS
from triage.tui.widgets.together_field import TogetherField, stands_together
from triage.tui.widgets.wording_area import WordingArea

TEXT_KINDS = frozenset({"note", "draft_reply", "handover", "finding", "end"})


def step_head(step: StepView) -> Content:
    """Class as glyph and word, then the title and what matters before the text."""
    look = LOOKS[step.step_class]
    badges = []
    if step.command is not None:
        badges.append(EFFECT_WORDS[step.command.effect])
    if step.required:
        badges.append("required")
    if step.attempt > 1:
        badges.append(f"attempt {step.attempt}")
    return content(
        (f"{look.glyph} {look.word}  ", look.tone),
        (clean_line(step.title), "strong"),
        (
            "  " + " · ".join(badges) if badges else "",
            "severity" if step.step_class == "destructive" else "muted",
        ),
    )


def turned(because: str) -> Content:
    """Why the run is here and not on its usual way, on one line."""
    return content((f"{SIGN.broken} ", "promise"), (clean_line(because), "severity"))


def decision(step: StepView) -> Content:
    """Where the conditions lead, or which values are missing to tell."""
    if step.proposed_branch:
        label = next(
            (one.label for one in step.branches if one.value == step.proposed_branch), step.proposed_branch
        )
        return content(("What we know leads to: ", ""), (clean_line(label), "strong-accent"))
    missing = ", ".join(clean_line(name) for name in step.missing) or "some values"
    return content(
        ("Nobody knows yet: ", "severity"), (missing, "strong"), (". You decide which way to go.", "")
    )


def waiting(due: datetime, now: datetime, zone: tzinfo | None) -> Content:
    """Until when a wait lasts, and how long that is; Triage may be left meanwhile."""
    until = f"{due.astimezone(zone):%a %d %b %H:%M}"
    if due <= now:
        return content(("It was over at ", ""), (until, "strong"), (". Enter goes on.", ""))
    return content(
        ("Until ", ""),
        (until, "strong"),
        (f", in {span(due - now)}. ", ""),
        ("Leave with q: it is parked till then.", "muted"),
    )


def taken(step: StepView) -> Content:
    """What an answer must look like, and where the one that is offered comes from."""
    pieces: list[Piece] = []
    if step.default_from:
        pieces.append(
            (f"offered: {clean_line(step.default_from)}; it counts only once you give it\n", "accent")
        )
    low, high = (f"{one:g}" if one is not None else "" for one in (step.minimum, step.maximum))
    what = "" if step.answer_type == "number" else " characters"
    if low and high:
        pieces.append((f"from {low} to {high}{what}\n", "muted"))
    elif low or high:
        pieces.append((f"at least {low}{what}\n" if low else f"at most {high}{what}\n", "muted"))
    if step.pattern:
        pieces.append((f"must look like {clean_line(step.pattern)}\n", "muted"))
    return content(*pieces[:-1], (pieces[-1][0].rstrip("\n"), pieces[-1][1])) if pieces else content()


def tried(step: StepView) -> Content:
    """Each try so far of a command that is tried again."""
    pieces: list[Piece] = [
        (f"try {number}  {clean_line(words)}\n", "") for number, words in enumerate(step.tries, start=1)
    ]
    return content(*pieces[-8:])


def coming(step: StepView) -> Content:
    """What a playbook inside this one asks to have in mind, and the way in and out of it."""
    pieces: list[Piece] = [(f"· {clean_line(item)}\n", "strong") for item in step.items]
    if pieces:
        pieces = [("Have in mind\n", "strong-accent"), *pieces, ("\n", "")]
    return content(
        *pieces, ("enter goes into it · b comes back out · its steps stand under the border", "muted")
    )


class StepCard(VerticalScroll, can_focus=False):
    """One card. `value` reads the answer in the form the desk takes it."""

    @dataclass
    class Submitted(Message):
        """Enter in the field said the answer is complete."""

    @dataclass
    class Typed(Message):
        """The field changed by hand."""

        step_id: str
        draft: str

    def __init__(
        self,
        step: StepView,
        *,
        draft: str,
        zone: tzinfo | None,
        clock: Callable[[], datetime],
        place: Content | None = None,
    ) -> None:
        super().__init__()
        self.step = step
        self.place = place
        """Section, lane and the playbook it stands in, above the head."""
        self.kept = draft
        self.zone = zone
        self.clock = clock
        self._settled = False

    def compose(self) -> ComposeResult:
        """Head, text, the folded why, and the field of this kind of step."""
        if self.place is not None:
            yield Static(self.place, classes="step-place")
        if self.step.because:
            yield Static(turned(self.step.because), classes="step-turned")
        yield Static(step_head(self.step), classes="step-head")
        if self.step.text:
            yield HangingText(self.step.text, classes="step-text")
        if self.step.due is not None:
            yield Static(waiting(self.step.due, self.clock(), self.zone), classes="step-text")
        why = HangingText(self.step.why or "The author gave no reason for this step.", classes="step-why")
        why.display = False
        yield why
        yield from self._body()

    def _body(self) -> ComposeResult:
        step = self.step
        if stands_together(step):
            yield TogetherField(step.together)
        elif step.kind == "checklist":
            yield PickList([Option(item, item) for item in step.items], many=True)
        elif step.kind == "playbook":
            yield Static(coming(step), classes="decision")
        elif step.kind == "ask":
            limits = taken(step)
            if limits:
                yield Static(limits, classes="kept-here")
            yield self._ask(step.answer_type or "text")
        elif step.command is not None:
            yield Static(command_sheet(step.command), classes="command")
            if step.running:
                yield Static(content(("Its command runs now.", "accent")), classes="step-text")
            if step.tries:
                yield Static(tried(step), classes="command")
            yield Static(content(("enter never runs a command", "muted")))
        elif step.kind == "decide":
            yield Static(decision(step), classes="decision")
            yield PickList(step.branches, picked=[step.proposed_branch])
        elif step.kind == "evidence":
            yield EvidenceField([option.value for option in step.options])
        elif step.kind == "root_cause":
            yield CauseField(step)
        elif step.kind in TEXT_KINDS:
            yield Static(safe(_KEPT_HERE.get(step.kind, ""), "$muted"), classes="kept-here")
            yield self._text(step.template)

    def _ask(self, kind: AskType) -> AnswerForm:
        return AnswerForm(
            kind,
            options=self.step.options,
            start=self.step.default,
            unit=self.step.unit,
            zone=self.zone,
            clock=self.clock,
        )

    def _text(self, template: str) -> AnswerForm:
        return AnswerForm("lines", start=template, clock=self.clock)

    def on_mount(self) -> None:
        """Put a kept draft back and the cursor where the answer goes."""
        if self.kept:
            self._restore(self.kept)
        self.focus_field()

    def _restore(self, draft: str) -> None:
        if self.step.kind == "checklist" or stands_together(self.step):
            self.query_one(PickList).pick(draft.split("\n"))
        elif self.step.kind == "root_cause":
            self.query_one(CauseField).restore(draft)
        elif forms := self.query(AnswerForm):
            forms.first().restore(draft)
        elif areas := self.query(WordingArea):
            areas.first().begin(draft, start="")

    def focus_field(self) -> None:
        """Into the field, when the step has one; a command has none, so that keys stay keys."""
        fields = self.query("WordingArea, Input, PickList")
        if fields:
            fields.first().focus()

    def toggle_why(self) -> None:
        """Show or fold why the step is there."""
        why = self.query_one(".step-why", Static)
        why.display = not why.display

    def text_area(self) -> WordingArea | None:
        """The long text of this step, where it has one."""
        areas = self.query(WordingArea)
        return areas.first() if areas else None

    def draft(self) -> str:
        """What was written and not given yet; empty when nothing was."""
        if self.step.kind == "evidence":
            return self.query_one(WordingArea).text
        if self.step.kind == "root_cause":
            field = self.query_one(CauseField)
            return field.draft() if field.query_one(WordingArea).touched else ""
        forms = self.query(AnswerForm)
        return forms.first().draft() if forms and forms.first().touched else ""

    def value(self) -> Json:
        """The answer as the desk takes it. Raises `NotAnswered`."""
        step = self.step
        if step.kind == "checklist":
            return list(self.query_one(PickList).picked)
        if step.kind == "decide":
            picked = self.query_one(PickList).picked
            if not picked:
                raise NotAnswered("Pick the way to go.")
            return picked[0]
        if step.kind == "root_cause":
            return self.query_one(CauseField).value()
        if step.kind == "end" and not self.query_one(WordingArea).text.strip():
            return True
        if forms := self.query(AnswerForm):
            return forms.first().value()
        return True

    def together(self) -> dict[str, Json]:
        """The answers of the steps that are confirmed on this one screen. Raises `NotAnswered`."""
        return self.query_one(TogetherField).answers()

    def evidence(self) -> tuple[str, str]:
        """Kind and content of what was pasted. Raises `NotAnswered`."""
        return self.query_one(EvidenceField).value()

    @on(AnswerForm.Typed)
    def _typed(self, event: AnswerForm.Typed) -> None:
        event.stop()
        self.post_message(self.Typed(self.step.id, event.draft))

    @on(WordingArea.Changed)
    def _written(self, event: WordingArea.Changed) -> None:
        area = event.text_area
        if self.step.kind == "evidence" and area.text:
            self.post_message(self.Typed(self.step.id, area.text))
        elif self.step.kind == "root_cause" and isinstance(area, WordingArea) and area.touched:
            self.post_message(self.Typed(self.step.id, self.query_one(CauseField).draft()))

    @on(PickList.Ticked)
    def _ticked(self, event: PickList.Ticked) -> None:
        event.stop()
        self.post_message(self.Typed(self.step.id, "\n".join(event.pick.picked)))

    @on(AnswerForm.Submitted)
    @on(PickList.Done)
    @on(WordingArea.Accepted)
    def _done(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())


_KEPT_HERE = {
    "note": "Kept with the run. Nothing is sent from here.",
    "draft_reply": "A DRAFT for the customer. Kept with the run; nothing is sent from here.",
    "handover": "The hand-over note. Kept with the run; nothing is sent from here.",
    "finding": "One sentence with a thing as its subject.",
    "end": "The summary of this run.",
}
