"""The steps of one or two recordings as one graph: what they share, then a decision, then each its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from triage.model.json_value import Json
from triage.model.run import Outcome
from triage.playbook.record.literals import Literals
from triage.playbook.record.recording import Act, Cause, Recording
from triage.playbook.record.steps import TO_WRITE, Builder, Built

_ENDS: tuple[tuple[str, str, str, Outcome], ...] = (
    ("works", "It works", "It works again", "resolved"),
    ("around", "It works in another way", "It works in another way", "workaround"),
    ("open", "Not yet", "Handed over with what was found", "handed_over"),
)
_IN_A_ROW = 8
"""Things to do in a row before a question: people stop reading after nine."""


@dataclass(slots=True)
class Way:
    """What one recording goes through, in a test of the draft."""

    recording: Recording
    path: list[str] = field(default_factory=list)
    answers: dict[str, Json] = field(default_factory=dict)
    results: dict[str, Json] = field(default_factory=dict)
    ending: str = "works"

    def goes(self, steps: Sequence[Built]) -> None:
        """Add ``steps`` to the path, with what was answered to them."""
        for one in steps:
            self.path.append(one.id)
            if one.result is not None:
                self.results[one.id] = dict(one.result)
            elif one.answer is not None:
                self.answers[one.id] = one.answer


@dataclass(slots=True)
class Paths:
    """All steps of a draft in reading order, and the ways through them."""

    steps: list[Built]
    ways: list[Way]


def paths_of(recordings: Sequence[Recording], literals: Literals) -> Paths:
    """The steps of one recording, or of two that share their beginning."""
    builder = Builder(
        literals, {"cause", "cause_2", "ended", "split", "which", "done", "around", "left_open"}
    )
    shared = _shared(recordings)
    acts = [list(one.acts) for one in recordings]
    head = _spaced(builder.built(acts[0][:shared]), builder)
    ways = [Way(one) for one in recordings]
    for way, own in zip(ways, acts, strict=True):
        way.goes(_answered_by(head, own[:shared], literals))
    bodies = [_body(builder, one, own[shared:], head) for one, own in zip(recordings, acts, strict=True)]
    middle = _split(recordings, bodies, head, ways, acts) if len(recordings) > 1 else []
    for way, body in zip(ways, bodies, strict=True):
        way.goes(body)
        _ended(way)
    for body in bodies[:-1]:
        body[-1].step["next"] = "ended"
    steps = [*head, *middle, *(one for body in bodies for one in body), *_closing()]
    _failing_go_on(steps)
    return Paths(steps, ways)


def _shared(recordings: Sequence[Recording]) -> int:
    """How many acts the recordings have in common from the start."""
    if len(recordings) == 1:
        return len(recordings[0].acts)
    first, second = (one.acts for one in recordings)
    count = 0
    while count < min(len(first), len(second)) and _same(first[count], second[count]):
        count += 1
    return count


def _same(one: Act, other: Act) -> bool:
    if one.kind == "finding":
        return False
    ran, again = one.ran and one.ran.run, other.ran and other.ran.run
    return (one.kind, one.title, one.text, one.options, ran) == (
        other.kind, other.title, other.text, other.options, again,
    )  # fmt: skip


def _body(builder: Builder, recording: Recording, acts: list[Act], head: list[Built]) -> list[Built]:
    """What a recording has of its own, down to its cause."""
    findings = [act for act in acts if act.kind == "finding"]
    steps = _spaced(builder.built([act for act in acts if act.kind != "finding"]), builder)
    # Findings rest on steps, so they can only come when those are built.
    steps += _built_after(builder, findings, [*head, *steps])
    steps.append(_cause(builder, recording.cause, [*head, *steps]))
    return steps


def _built_after(builder: Builder, findings: Sequence[Act], before: list[Built]) -> list[Built]:
    made: list[Built] = []
    for act in findings:
        made.append(builder.one(act, [*before, *made]))
    return made


def _spaced(steps: list[Built], builder: Builder) -> list[Built]:
    """``steps`` with a question wherever there is more to do in a row than anybody reads."""
    found: list[Built] = []
    row = 0
    for one in steps:
        row = row + 1 if one.step["kind"] in ("instruct", "checklist") else 0
        if row > _IN_A_ROW:
            title = "Ask whether it still fails"
            asked = {"id": builder.step_id("still_fails"), "kind": "ask", "title": title, "type": "bool"}
            found.append(Built(asked, True))
            row = 1
        found.append(one)
    return found


def _answered_by(steps: list[Built], acts: Sequence[Act], literals: Literals) -> list[Built]:
    """The shared steps with the answers of one of the recordings."""
    answers = Builder(literals).built(acts)
    if len(answers) != len(steps):
        return steps
    return [Built(one.step, own.answer, own.result) for one, own in zip(steps, answers, strict=True)]


def _cause(builder: Builder, cause: Cause | None, before: list[Built]) -> Built:
    name = "cause" if "cause" not in {one.id for one in before} and not builder.named else "cause_2"
    builder.named = True
    told = cause or Cause(
        "", "not-named", f"{TO_WRITE}: the kind of cause", f"{TO_WRITE}: the cause in one sentence."
    )
    category: dict[str, Any] = {"value": told.category, "label": told.label[:200]}
    if told.code:
        category["code"] = told.code
    step: dict[str, Any] = {
        "id": name, "kind": "root_cause", "title": "Name the cause", "section": "What it was",
        "categories": [category],
        "statement": builder.literals.in_text(told.statement, name, filled=True),
        "confidence": told.confidence,
    }  # fmt: skip
    shown = [one.id for one in before if one.step["kind"] in ("check", "http", "evidence")]
    if shown:
        step["evidence"] = shown
    return Built(step, told.category)


def _split(
    recordings: Sequence[Recording],
    bodies: list[list[Built]],
    head: list[Built],
    ways: list[Way],
    acts: list[list[Act]],
) -> list[Built]:
    """The decision between two recordings: by an answer they differ in, or by asking."""
    first, second = bodies[0][0].id, bodies[1][0].id
    for number, one in enumerate(head):
        own, other = (held[number].answer for held in acts)
        saved = one.step.get("save_as")
        if saved and one.step["type"] in ("choice", "bool") and own != other:
            test = f"vars.{saved} == {_literal(own)}"
            return [_decided(test, first, second, ways)]
    labels = [(one.cause.statement if one.cause else f"{TO_WRITE}: how it looks")[:190] for one in recordings]
    options = [{"value": value, "label": text} for value, text in zip("ab", labels, strict=True)]
    asked = {
        "id": "which", "kind": "ask", "title": "Say which of the two it looks like", "type": "choice",
        "text": f"{TO_WRITE}: what tells them apart.", "options": options, "save_as": "which",
        "allow_unknown": False,
    }  # fmt: skip
    for way, value in zip(ways, "ab", strict=True):
        way.goes([Built(asked, value)])
    return [Built(asked), _decided("vars.which == 'a'", first, second, ways)]


def _decided(test: str, first: str, second: str, ways: list[Way]) -> Built:
    step = {
        "id": "split", "kind": "decide", "title": "Decide which way it goes",
        "branches": [{"if": test, "next": first, "say": "As in the first recording"}], "otherwise": second,
    }  # fmt: skip
    for way in ways:
        way.path.append("split")
    return Built(step)


def _literal(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else "'" + str(value).replace("'", "") + "'"


def _closing() -> list[Built]:
    """Whether it works now, and an end for each answer."""
    ids = dict(zip((one[0] for one in _ENDS), ("done", "around", "left_open"), strict=True))
    asked = {
        "id": "ended", "kind": "ask", "title": "Ask whether it works now", "section": "How it ended",
        "text": "Somebody who was affected tries it, and you watch. A change nobody saw working is a guess.",
        "type": "choice", "allow_unknown": False, "lane": "communicate",
        "options": [{"value": value, "label": label, "next": ids[value]} for value, label, _, _ in _ENDS],
    }  # fmt: skip
    ends = [
        {"id": ids[value], "kind": "end", "title": title, "outcome": outcome}
        for value, _, title, outcome in _ENDS
    ]
    return [Built(asked), *(Built(one) for one in ends)]


def _ended(way: Way) -> None:
    by_outcome = {outcome: value for value, _, _, outcome in _ENDS}
    way.ending = by_outcome.get(way.recording.outcome, "open")


def _failing_go_on(steps: list[Built]) -> None:
    """A check that was not good when it was recorded did not end the work: the next step follows."""
    for one, following in pairwise(steps):
        answer = one.answer
        if one.step["kind"] in ("check", "http") and isinstance(answer, dict) and answer.get("ok") is False:
            one.step["on_fail"] = one.step.get("next", following.id)
