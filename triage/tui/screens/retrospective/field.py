"""One question of the script on screen: its words, its help, its field, and where the answer came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from triage.model.clean_text import clean_line
from triage.model.investigation import CaseEvent, PromptView, WordingHit
from triage.model.json_value import Json
from triage.model.run import Option
from triage.tui.safe_text import Piece, content
from triage.tui.screens.retrospective.head import answered, walk_step
from triage.tui.widgets.answer_form import AnswerForm, AskType
from triage.tui.widgets.rows_editor import RowsEditor
from triage.tui.widgets.wording_area import WordingArea, WordingHits

FIELD_TYPES: Mapping[str, AskType] = {
    "text": "text", "lines": "lines", "choice": "choice", "multi": "multi", "number": "number",
    "time": "datetime", "confirm": "choice",
}  # fmt: skip
CONFIRM = (Option("yes", "yes", "y"), Option("no", "not yet", "n"))


DROPPED_BY_NAME = frozenset({"Q1"})
"""Questions whose rows came from the ticket: one taken out is named as dropped, not left out."""


def begins_with(prompt: PromptView) -> Json:
    """What stands in the field at first: the answer given before, else what was read from the ticket."""
    value = prompt.value if answered(prompt.value) else prompt.prefill
    if isinstance(value, Mapping) and set(value) == {"open", "now"}:
        then, now = as_list(value["open"]), as_list(value["now"])
        return ", ".join(f"{before}→{after}" for before, after in zip(then, now, strict=False))
    return value


def origin(prompt: PromptView) -> Content:
    """Where the value in the field comes from, and the key that accepts it; else what it still lacks."""
    if answered(prompt.value):
        return content(("answered before · F5 keeps it", "muted"))
    if prompt.prefill in (None, "", []):
        return content()
    where = f"from {clean_line(prompt.prefill_from)}" if prompt.prefill_from else "from the ticket"
    if prompt.prefill_lacks:
        return content(("⇠ ", "accent"), (f"begun {where}; ", "muted"), (prompt.prefill_lacks, "severity"))
    accept = "enter or F5 accepts it" if prompt.type == "choice" else "F5 accepts it"
    return content(("⇠ ", "accent"), (f"{where} · {accept}", "muted"))


def hint(prompt: PromptView) -> Content:
    """Help and example."""
    pieces: list[Piece] = []
    if prompt.help:
        pieces.append((prompt.help.strip(), "muted"))
    if prompt.example:
        pieces.append((("\n" if pieces else "") + "for example: ", "muted"))
        pieces.append((prompt.example.strip(), "internal"))
    if prompt.safeguards:
        pieces.append(("\nthink of: ", "muted"))
        pieces.append((" · ".join(clean_line(one) for one in prompt.safeguards), "internal"))
    return content(*pieces)


def fact_line(prompt: PromptView, events: Sequence[CaseEvent], zone: tzinfo) -> Content:
    """The event that a step of the walk back stands at, or nothing."""
    rows = [row for row in as_list(begins_with(prompt)) if isinstance(row, Mapping)]
    named = rows[0].get("at_event") if walk_step(prompt) is not None and rows else None
    event = next((one for one in events if one.id == named), None)
    if event is None:
        return content()
    return content(
        (f"{clean_line(event.id)} {event.at.astimezone(zone):%d %b %H:%M}  ", "muted"),
        (clean_line(event.text), "internal"),
    )


class PromptField(VerticalScroll, can_focus=False):
    """The question and its field."""

    @dataclass
    class Submitted(Message):
        """Enter said the answer is complete."""

    @dataclass
    class Typed(Message):
        """The field changed by hand."""

        prompt_id: str
        draft: str

    def __init__(
        self,
        prompt: PromptView,
        *,
        fact: Content,
        hints: bool,
        clock: Callable[[], datetime],
        zone: tzinfo,
        again: bool = False,
    ) -> None:
        """With ``again`` what was read from the ticket stands there over the answer given before."""
        super().__init__()
        self.prompt = prompt
        self._offered = replace(prompt, value=None) if again else prompt
        """What the field begins with; ``prompt`` says what is recorded."""
        self.fact = fact
        """The event that the question is about, in a line; empty when it is about none."""
        self.hints = hints
        self.clock = clock
        self.zone = zone

    @property
    def walking(self) -> bool:
        """Whether it is a step of the walk back, where "nothing" is a good answer."""
        return walk_step(self.prompt) is not None

    def compose(self) -> ComposeResult:
        """Number, question, hint, field, wording, origin."""
        prompt = self.prompt
        count = f"{prompt.number} of {prompt.count}" if prompt.count else ""
        must = " · required" if prompt.required else ""
        number = content(
            (clean_line(prompt.id), "accent"), (f"  {count}{must}", "muted"), ("  PgUp PgDn move", "rule")
        )
        if self.walking:
            number += content(
                ("  · ", "rule"), ("n nothing here", "accent"), (" · enter begins to write", "muted")
            )
        yield Static(number, classes="number")
        if prompt.title:
            yield Static(content((clean_line(prompt.title), "accent")), classes="title")
        if self.fact:
            yield Static(self.fact, classes="fact")
        yield Static(content((prompt.ask, "strong")), classes="ask")
        folded = Static(hint(prompt), classes="hint")
        folded.display = self.hints and bool(prompt.help or prompt.example)
        yield folded
        yield Vertical(self._field(), classes="field")
        yield WordingHits()
        yield Static(origin(self._offered), classes="origin")

    def _field(self) -> AnswerForm | RowsEditor:
        prompt = self.prompt
        start = begins_with(self._offered)
        if prompt.type == "rows":
            rows = [row for row in as_list(start) if isinstance(row, Mapping)]
            return RowsEditor(
                prompt.columns,
                rows,
                single=self.walking,
                names_dropped=prompt.id in DROPPED_BY_NAME,
                clock=self.clock,
                zone=self.zone,
            )
        options = CONFIRM if prompt.type == "confirm" else prompt.options
        return AnswerForm(
            FIELD_TYPES[prompt.type],
            options=options,
            start=start,
            clock=self.clock,
            zone=self.zone,
            asks_first=True,
        )

    async def on_mount(self) -> None:
        """A kept draft comes back; the cursor goes into the field, except where one key may be enough."""
        if self.prompt.draft:
            await self._restore(self.prompt.draft)
        if not self.walking:
            self.focus_field()

    async def _restore(self, draft: str) -> None:
        if self.rows is not None:
            await self.rows.restore(draft)
        elif self.form is not None:
            self.form.restore(draft)
        self.query_one(".origin", Static).update(content(("✎ draft from before", "severity")))

    @property
    def form(self) -> AnswerForm | None:
        """The field, unless it is one of rows."""
        forms = self.query(AnswerForm)
        return forms.first() if forms else None

    @property
    def rows(self) -> RowsEditor | None:
        """The rows, where it is a field of rows."""
        editors = self.query(RowsEditor)
        return editors.first() if editors else None

    @property
    def touched(self) -> bool:
        """Whether a person changed something; taking back what the ticket says changes an answer."""
        return self._by_hand or self._offered.value != self.prompt.value

    @property
    def _by_hand(self) -> bool:
        field = self.rows or self.form
        return field is not None and field.touched

    @property
    def lacks(self) -> str:
        """What a person must add to what was read from the ticket; empty once something was changed."""
        untouched = not self._by_hand and not answered(self._offered.value)
        return self.prompt.prefill_lacks if untouched else ""

    def focus_field(self) -> None:
        """Put the cursor where the answer goes."""
        field = self.rows or self.form
        if field is not None:
            field.focus_field()

    def value(self) -> Json:
        """The answer that stands there. Raises `NotAnswered`."""
        if self.rows is not None:
            return self.rows.value()
        return self.form.value() if self.form is not None else None

    def draft(self) -> str:
        """What stands in the field, for keeping."""
        field = self.rows or self.form
        return field.draft() if field is not None else ""

    def words(self) -> str:
        """The text whose wording is looked at."""
        if self.rows is not None:
            return self.rows.words()
        areas = self.query(WordingArea)
        return areas.first().text if areas else ""

    def hits(self) -> tuple[WordingHit, ...]:
        """The remarks about the wording that are shown."""
        lines = self.query(WordingHits)
        return lines.first().hits if lines else ()

    def fold(self) -> bool:
        """Fold or show the hint; returns whether it shows now."""
        shown = self.query_one(".hint", Static)
        shown.display = not shown.display
        return bool(shown.display)

    @on(WordingArea.Unread)
    def _unread(self, event: WordingArea.Unread) -> None:
        """An Enter too many stays here: what stands in the field is given with a key of its own."""
        event.stop()
        if self.lacks:
            # What stands there is no answer yet: giving it says what to add.
            self.post_message(self.Submitted())
            return
        kept = "keeps" if answered(self._offered.value) else "accepts"
        words = content((f"F5 {kept} it as it stands", "strong-accent"), (" · typing changes it", "muted"))
        self.query_one(".origin", Static).update(words)

    @on(AnswerForm.Typed)
    @on(RowsEditor.Typed)
    def _typed(self, event: AnswerForm.Typed | RowsEditor.Typed) -> None:
        event.stop()
        self.post_message(self.Typed(self.prompt.id, event.draft))

    @on(AnswerForm.Submitted)
    @on(RowsEditor.Submitted)
    def _done(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())


def as_list(value: Json) -> Sequence[Json]:
    """``value`` when it is a list, else an empty one."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
