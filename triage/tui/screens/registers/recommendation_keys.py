"""What can be done with a recommendation, the same from the register and from its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

from triage.model.errors import Invalid
from triage.model.register_line import MoveVerb, RegisterLine, StatusMove
from triage.tui import work
from triage.tui.recommendation_page_words import VERB_KEYS
from triage.tui.screens.ask import AskScreen
from triage.tui.screens.choice import Choice, ChoiceScreen

if TYPE_CHECKING:
    from triage.tui.shell import Shell

RECOMMENDATION_KEYS: list[BindingType] = [
    *(
        Binding(key, f"move('{verb}')", word, id=f"recommendation.{verb}")
        for verb, (key, word) in VERB_KEYS.items()
    ),
    *(
        Binding(key, f"why_not('{verb}')", f"{word}: why not now", show=False)
        for verb, (key, word) in VERB_KEYS.items()
    ),
    Binding("t", "track", "tracker link", id="recommendation.track"),
    Binding("o", "browse", "open the tracker", show=False, id="recommendation.browse"),
    Binding("e", "measure", "effect", id="recommendation.measure"),
    Binding("c", "case", "case", id="recommendation.case"),
    Binding("i", "investigation", "investigation", id="recommendation.investigation"),
    Binding("y", "copy_name", "copy its name", show=False, id="recommendation.copy"),
]
_HOTKEYS = "1234567890"
_QUESTIONS: dict[MoveVerb, str] = {
    "respond": "What was answered?",
    "judge": "What is the answer worth?",
    "close": "How does it end?",
    "reopen": "Open it again?",
}


class RecommendationScreenKeys(Screen[None]):
    """A screen that stands on a recommendation."""

    BINDINGS: ClassVar[list[BindingType]] = []

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def line(self) -> RegisterLine | None:
        """The one the keys speak of now."""
        raise NotImplementedError

    def _moves(self, verb: str) -> list[StatusMove]:
        line = self.line()
        if line is None or not self.triage.desk_is_open:
            return []
        return [move for move in self.triage.desk.recommendations.moves(line) if move.verb == verb]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A move is offered where it is legal; its key says why where it is not."""
        if action in ("move", "why_not"):
            moves = self._moves(str(parameters[0]))
            legal = any(not move.why_not for move in moves)
            return legal if action == "move" else bool(moves) and not legal
        line = self.line()
        if action == "browse":
            return line is not None and bool(line.recommendation.tracker_url)
        if action in ("track", "measure", "case", "investigation", "copy_name"):
            return line is not None
        return True

    def action_why_not(self, verb: MoveVerb) -> None:
        """Says why the move cannot be made now."""
        line, moves = self.line(), self._moves(verb)
        if line is not None and moves:
            self.triage.say(f"{line.id} cannot be {_DONE[verb]} now: {moves[0].why_not}.")

    def action_move(self, verb: MoveVerb) -> None:
        """Chooses the status, then writes the letter; nothing is changed before that is put down."""
        if (line := self.line()) is not None:
            work.start(self, self._move(line, verb), group="change", newest=False)

    async def _move(self, line: RegisterLine, verb: MoveVerb) -> None:
        from triage.tui.screens.registers.letter import LetterScreen

        every = [move for move in self.triage.desk.recommendations.moves(line) if move.verb == verb]
        legal = [move for move in every if not move.why_not]
        picked: str | None = legal[0].code
        if len(legal) > 1 or verb == "close":
            question = f"{line.id}: {_QUESTIONS[verb]}"
            note = _early(line, legal) or _not_now(every)
            picked = await self.app.push_screen_wait(ChoiceScreen(question, _choices(legal), note=note))
        move = next((one for one in legal if one.code == picked), None)
        if move is not None:
            self.app.push_screen(LetterScreen(line, move))

    def action_track(self) -> None:
        """Links the place where the work is followed."""
        if (line := self.line()) is not None:
            work.start(self, self._track(line), group="change", newest=False)

    async def _track(self, line: RegisterLine) -> None:
        start = line.recommendation.tracker_url
        ask = AskScreen(f"Where is {line.id} followed?", "https://tracker.example/…", _address, start=start)
        if url := await self.app.push_screen_wait(ask):
            await self.triage.desk.recommendations.track(line.id, url)
            self.triage.changed.publish(line.case_id)

    def action_measure(self) -> None:
        """Writes down what counting before and after has shown."""
        if (line := self.line()) is not None:
            work.start(self, self._measure(line), group="change", newest=False)

    async def _measure(self, line: RegisterLine) -> None:
        one = line.recommendation
        hint = (
            f"before and after: {one.effect_measure}" if one.effect_measure else "6 a month before, 1 after"
        )
        ask = AskScreen(f"What did counting show for {line.id}?", hint, _some, start=one.effect_result)
        if text := await self.app.push_screen_wait(ask):
            await self.triage.desk.recommendations.measure(line.id, text)
            self.triage.changed.publish(line.case_id)

    def action_browse(self) -> None:
        """Opens the tracker, after showing which host that is."""
        from triage.tui.browsing import browse

        if (line := self.line()) is not None:
            work.start(
                self, browse(self.triage, line.id, line.recommendation.tracker_url), group="browse",
                newest=False,
            )  # fmt: skip

    def action_case(self) -> None:
        """The case that it came of."""
        if (line := self.line()) is not None:
            self.triage.open_case(line.case_id)

    def action_investigation(self) -> None:
        """The investigation that issued it."""
        from triage.tui.screens.retrospective.screen import RetrospectiveScreen

        if (line := self.line()) is not None:
            self.app.push_screen(RetrospectiveScreen(line.investigation_id))

    def action_copy_name(self) -> None:
        """Copies what the shell's verbs call it."""
        if (line := self.line()) is not None:
            self.app.copy_to_clipboard(line.id)
            self.triage.say(f"Copied {line.id}.")

    def action_back(self) -> None:
        """To the screen before."""
        self.dismiss()


_DONE: dict[MoveVerb, str] = {
    "respond": "answered", "judge": "judged", "close": "closed", "reopen": "reopened",
}  # fmt: skip


def _choices(legal: Sequence[StatusMove]) -> list[Choice]:
    keys = [*_HOTKEYS, *[""] * len(legal)]
    return [
        Choice(move.code, f"{move.code:<6}{move.name.partition(' – ')[2]}", move.meaning, key)
        for move, key in zip(legal, keys, strict=False)
    ]


def _early(line: RegisterLine, legal: Sequence[StatusMove]) -> str:
    """CUAN is offered once twice its time has passed; before that a person is told that it is early."""
    if [move.code for move in legal] != ["CUAN"]:
        return ""
    if line.offer_no_response:
        return "Twice its time has passed and nobody answered. It is never set by itself."
    return "Early: it is usual only once twice its time has passed without an answer."


def _not_now(every: Sequence[StatusMove]) -> str:
    """Those that cannot be chosen, with the reason."""
    barred = [move for move in every if move.why_not]
    return f"Not now: {', '.join(one.code for one in barred)}: {barred[0].why_not}." if barred else ""


def _address(text: str) -> None:
    if not text.startswith(("https://", "http://")) or any(sign.isspace() for sign in text):
        raise Invalid("that is no web address", do="Give the whole address, with https://")


def _some(text: str) -> None:
    if not text:
        raise Invalid("nothing is typed yet")
