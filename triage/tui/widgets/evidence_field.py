"""The two fields of a runner step that are more than one answer: evidence, and the probable cause."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from triage.model.json_value import Json
from triage.model.run import Option, StepView
from triage.tui.safe_text import content
from triage.tui.widgets.answer_form import NotAnswered, as_text
from triage.tui.widgets.choice_line import ChoiceLine
from triage.tui.widgets.pick_list import PickList
from triage.tui.widgets.wording_area import WordingArea

CONFIDENCE: tuple[Option, ...] = (
    Option("high", "high", "h"), Option("medium", "medium", "m"), Option("low", "low", "l"),
)  # fmt: skip

_LINK = re.compile(r"https?://\S+$")
_PATH = re.compile(r"(~|\.{0,2})/\S")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_KIND_WORDS = {
    "text": "text",
    "url": "a link",
    "file": "a file on this machine",
    "screenshot_path": "a screenshot",
}


def evidence_kind(text: str, accept: Sequence[str] = ()) -> str:
    """What ``text`` looks like, among the kinds in ``accept`` (none named: any kind)."""
    kind = _looks_like(text)
    if not accept or kind in accept:
        return kind
    return "text" if "text" in accept else accept[0]


def _looks_like(text: str) -> str:
    one = text.strip()
    if "\n" in one:
        return "text"
    if _LINK.match(one):
        return "url"
    if _PATH.match(one):
        return "screenshot_path" if one.lower().endswith(_PICTURES) else "file"
    return "text"


class EvidenceField(Vertical):
    """Something pasted, a link or a path; a line under it says what it is taken for."""

    def __init__(self, accept: Sequence[str]) -> None:
        super().__init__()
        self.accept = tuple(accept)

    def compose(self) -> ComposeResult:
        """The field and the line."""
        yield WordingArea()
        yield Static(classes="read-as")

    @on(WordingArea.Changed)
    def _tell_kind(self, event: WordingArea.Changed) -> None:
        text = event.text_area.text
        words = "paste text, a path or a link"
        if text.strip():
            words = f"kept as {_KIND_WORDS[evidence_kind(text, self.accept)]}"
        self.query_one(".read-as", Static).update(content((words, "muted")))

    def value(self) -> tuple[str, str]:
        """Kind and content. Raises `NotAnswered`."""
        text = self.query_one(WordingArea).text
        if not text.strip():
            raise NotAnswered("Paste the evidence first: text, a path or a link.")
        kind = evidence_kind(text, self.accept)
        return kind, text if kind == "text" else text.strip()


class CauseField(Vertical):
    """Category, sentence and confidence of a probable cause; a suggestion that a person edits and accepts."""

    def __init__(self, step: StepView) -> None:
        super().__init__()
        self.step = step

    def compose(self) -> ComposeResult:
        """The sentence first: it is what people read."""
        default = self.step.default if isinstance(self.step.default, dict) else {}
        area = WordingArea(sentence=True)
        area.begin(self.step.template)
        yield area
        if self.step.options:
            yield Static(content(("Category", "muted")), classes="label")
            yield PickList(self.step.options, picked=[as_text(default.get("category"))])
        yield Static(content(("How sure are we?", "muted")), classes="label")
        yield ChoiceLine(CONFIDENCE, picked=[as_text(default.get("confidence")) or "medium"])

    def draft(self) -> str:
        """What stands in the fields."""
        picks = self.query(PickList)
        return json.dumps(
            {
                "statement": self.query_one(WordingArea).text,
                "category": picks.first().picked if picks else [],
                "confidence": self.query_one(ChoiceLine).picked,
            }
        )

    def restore(self, draft: str) -> None:
        """Put back what `draft` kept; what cannot be read is left out."""
        try:
            kept = json.loads(draft)
        except ValueError:
            return
        if not isinstance(kept, dict):
            return
        self.query_one(WordingArea).begin(str(kept.get("statement", "")), start=self.step.template)
        for pick in self.query(PickList):
            pick.pick([str(one) for one in kept.get("category") or ()])
        self.query_one(ChoiceLine).pick([str(one) for one in kept.get("confidence") or ()])

    def value(self) -> Json:
        """Category, statement and confidence. Raises `NotAnswered`."""
        statement = self.query_one(WordingArea).text.strip()
        if not statement:
            raise NotAnswered("Write the cause in one sentence first.")
        answer: dict[str, Json] = {"statement": statement}
        for pick in self.query(PickList):
            if not pick.picked:
                raise NotAnswered("Pick a category.")
            answer["category"] = pick.picked[0]
        if confidence := self.query_one(ChoiceLine).picked:
            answer["confidence"] = confidence[0]
        return answer

    @on(PickList.Done)
    @on(ChoiceLine.Left)
    def _quiet(self, event: Message) -> None:
        """Picking a category or leaving a line does not submit the whole."""
        event.stop()
