"""What an answer needs beyond its shape: ids, citations, the imported rows it builds on.

Each function takes the read value of one kind of prompt and gives the value the docket keeps. Rows keep their
ids over edits, and a new row gets the next free one, so that citations stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.model.errors import Invalid, NeedsInput, Stopped
from triage.model.investigation import CaseEvent, Investigation
from triage.model.json_value import Json
from triage.model.promise import PROMISE_KINDS
from triage.retrospective import case_life, cause_sentence, codes
from triage.retrospective.answer_value import Reader, Row
from triage.retrospective.answered_parts import event_row
from triage.retrospective.imported_timeline import shown
from triage.retrospective.recommendation_status import AT_ISSUE, move

OVERDUE = "overdue"
_EVENT_TIMES = ("at", "recorded_at")
_STACEY = re.compile(r"([1-5])\s*(?:→|->|to|-)?\s*([1-5])\s*[,;]?\s*([1-5])\s*(?:→|->|to|-)?\s*([1-5])")
"""Four digits are enough: the arrow is on no keyboard."""
_CODE_MODIFIER = re.compile(r"\s*[/,;\s]\s*(?:modifier\s+)?")


@dataclass(frozen=True, slots=True)
class Answering:
    """One answer on its way into the docket."""

    reader: Reader
    investigation: Investigation
    offered: Json
    """The prefilled value."""

    def event_id(self, name: str, number: int) -> str:
        """The id of the event called ``name``. Raises `Invalid`."""
        where = f"{self.reader.prompt.id} row {number}"
        return self.reader.references.event(name, where=where).id


def timeline(it: Answering, rows: list[Row]) -> Json:
    """The whole timeline after ``rows``: a known id edits, ``drop`` removes, anything else adds."""
    kept = {event.id: event_row(event) for event in it.investigation.timeline}
    for number, row in enumerate(rows, start=1):
        given = str(row.pop("id", ""))
        known = given if given in kept else _event_named(it, given, number)
        if row.pop("drop", False):
            _droppable(it, known)
            kept.pop(known, None)
        elif known:
            kept[known] = _edited(it, kept[known], row, number)
        else:
            name = given if re.fullmatch(r"E\d+", given) else _next(kept, "E")
            kept[name] = _added(it, name, row, number)
    return sorted(kept.values(), key=lambda one: str(one["at"]))


def _event_named(it: Answering, given: str, number: int) -> str:
    """The event a row edits; empty where it adds one, with an id of its own or without."""
    if not given or re.fullmatch(r"E\d+", given):
        return ""
    return it.reader.references.event(given, where=f"Q1 row {number}").id


def _droppable(it: Answering, name: str) -> None:
    """Raise `Stopped` where ``name`` stood when the facts were locked: evidence is never taken out."""
    locked = it.investigation.facts_locked_at
    standing = {one.id for one in it.investigation.timeline if not one.after_lock}
    if locked is not None and name in standing:
        do = "Say in another event what is known now; both are shown"
        raise Stopped("the facts are locked: nothing is taken out of them", where=name, do=do)


def _edited(it: Answering, old: Row, row: Row, number: int) -> Row:
    changed = {key: value for key, value in row.items() if key not in {"imported", "after_lock", "original"}}
    changed |= {key: _event_time(it, row[key], number, key) for key in _EVENT_TIMES if row.get(key)}
    if "source" in changed and "visibility" not in changed:
        changed["visibility"] = shown(changed["source"])
    new = {**old, **changed}
    locked = it.investigation.facts_locked_at is not None
    if new["text"] != old["text"] and (old["imported"] or locked):
        new["original"] = old["original"] or old["text"]
    return {**new, "after_lock": old["after_lock"] or (locked and new != old)}


def _added(it: Answering, name: str, row: Row, number: int) -> Row:
    it.reader.require(number, row)
    moment, precision = it.reader.references.moment(row["at"], where=f"Q1 row {number}, at")
    recorded = _event_time(it, row.get("recorded_at") or "now", number, "recorded_at")
    source = row.get("source", "investigator")
    event = CaseEvent(
        name,
        moment,
        row["kind"],
        row["text"],
        source,
        row["ref"],
        row.get("actor_role", "investigator"),
        row.get("precision", precision),
        imported=bool(row.get("imported", False)),
        after_lock=it.investigation.facts_locked_at is not None,
        recorded_at=datetime.fromisoformat(recorded),
        visibility=row.get("visibility") or shown(source),
    )
    return event_row(event)


def _event_time(it: Answering, value: str, number: int, column: str) -> str:
    where = f"Q1 row {number}, {column}"
    moment, _ = it.reader.references.moment(value, where=where)
    if column == "recorded_at" and moment > it.reader.references.now:
        raise Invalid("nothing is recorded in the future", where=where, do="Leave it out: it is now")
    return moment.isoformat()


def promises(it: Answering, rows: list[Row]) -> Json:
    """What was said about promises.

    ``m3`` stands for the promise read from message 3, ``m7#2`` for its second, and ``overdue`` for every one
    that is past due and unmet, if there is any.
    """
    known = {one.id for one in it.investigation.promises}
    kept: list[Json] = []
    for number, row in enumerate(_each_overdue(it, rows), start=1):
        name = _promise_id(it, str(row.pop("id", "")), number)
        times = {
            key: _time(it, row[key], number, key) for key in ("made_at", "due", "met_at") if row.get(key)
        }
        if name not in known:
            _complete(it, row, times, number)
        _still_open(it, name, row, times, number)
        kept.append({**row, **times, "id": name})
    return kept


def _still_open(it: Answering, name: str, row: Row, times: Mapping[str, str], number: int) -> None:
    """Raise `Invalid` where a promise is carried over that is past its time."""
    known = next((one for one in it.investigation.promises if one.id == name), None)
    given = known.due.isoformat() if known else ""
    due = datetime.fromisoformat(times.get("due") or given)
    met = times.get("met_at") or (known.met_at if known else None)
    if row.get("carried_over") and (met or due < it.reader.references.now):
        what = "it was met" if met else f"it fell due {due:%Y-%m-%d %H:%M} UTC"
        where = f" row {number}, carried_over"
        raise it.reader.fail(f"{name} is not open: {what}", "Only what is due later is carried over", where)


def _each_overdue(it: Answering, rows: list[Row]) -> list[Row]:
    now = it.reader.references.now
    late = [one.id for one in it.investigation.promises if one.state(now) == "missed"]
    return [
        {**row, "id": name}
        for row in rows
        for name in (late if row.get("id") == OVERDUE else [row.get("id", "")])
    ]


def _promise_id(it: Answering, given: str, number: int) -> str:
    if not given:
        return f"added#{len(it.investigation.promises) + number}"
    message, _, ordinal = given.partition("#")
    event = it.reader.references.message_id(message)
    name = f"{event}#{ordinal or 1}" if event else given
    if any(one.id == name for one in it.investigation.promises) or name.startswith("added#"):
        return name
    known = ", ".join(one.id for one in it.investigation.promises) or "none"
    raise it.reader.fail(f"there is no promise {given!r}", f"Promises are {known}", f" row {number}")


def _complete(it: Answering, row: Row, times: Mapping[str, str], number: int) -> None:
    if row.get("kind") not in PROMISE_KINDS or "due" not in times or "made_at" not in times:
        raise it.reader.fail("a new promise needs kind, made_at and due", where=f" row {number}")


def _time(it: Answering, value: str, number: int, column: str) -> str:
    where = f"{it.reader.prompt.id} row {number}, {column}"
    moment, _ = it.reader.references.moment(value, where=where)
    if column == "met_at" and moment > it.reader.references.now:
        raise Invalid("a promise cannot be met in the future", where=where, do="Leave it open")
    return moment.isoformat()


def life_as_corrected(it: Answering, rows: list[Row]) -> Json:
    """Segments with their times read."""
    for number, row in enumerate(rows, start=1):
        it.reader.require(number, row)
        row |= {key: _time(it, row[key], number, key) for key in ("start", "end")}
    _whole(it, rows)
    return list(rows)


def _whole(it: Answering, rows: list[Row]) -> None:
    """Raise `Invalid` where the stretches, as corrected, are not the whole life of the case."""
    life = case_life.life(it.investigation.timeline, it.reader.references.now)
    if not rows or life is None:
        return
    begun, ended = life
    at = begun
    for number, row in enumerate(rows, start=1):
        start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        where = f" row {number}"
        if end < start:
            raise it.reader.fail("it ends before it begins", "Look at its times", where)
        if abs(start - at) > case_life.EXACT:
            do = f"It follows what ends {at:%Y-%m-%d %H:%M} UTC"
            raise it.reader.fail(f"there is a gap or an overlap before {row['start']}", do, where)
        at = end
    if abs(at - ended) > case_life.EXACT:
        raise it.reader.fail("the case's life is not covered", f"It ends {ended:%Y-%m-%d %H:%M} UTC")


def walk(it: Answering, rows: list[Row]) -> Json:
    """Missed opportunities of one step; the event is the step's own unless another is named."""
    offered = it.offered[0] if isinstance(it.offered, list) and it.offered else {}
    for number, row in enumerate(rows, start=1):
        if not row.get("stop"):
            do = "Say which thing would have stopped it here, or answer: nothing"
            raise it.reader.fail("what would have stopped it is missing", do, f" row {number}")
        named = row.get("at_event") or (offered.get("at_event", "") if isinstance(offered, Mapping) else "")
        row["at_event"] = it.event_id(str(named), number) if named else ""
        taken_up = str(row.get("recommendation", "")).upper()
        if taken_up and not re.fullmatch(r"R\d{1,4}", taken_up):
            where = f" row {number}, recommendation"
            raise it.reader.fail(f"{taken_up!r} is no recommendation", "Name it as R1", where)
        if taken_up:
            row["recommendation"] = taken_up
    return list(rows)


def safeguards(it: Answering, rows: list[Row]) -> Json:
    """Safeguards with ids; evidence named as events."""
    for number, row in enumerate(_numbered(rows, "S"), start=1):
        it.reader.require(number, row)
        row["evidence"] = [it.event_id(name, number) for name in row.get("evidence", ())]
    return list(rows)


def findings(it: Answering, rows: list[Row]) -> Json:
    """Findings with ids; evidence names events or safeguards, codes are known codes."""
    for number, row in enumerate(_numbered(rows, "F"), start=1):
        it.reader.require(number, row)
        row["evidence"] = [
            name.upper() if re.fullmatch(r"[sS]\d+", name) else it.event_id(name, number)
            for name in row.get("evidence", ())
        ]
        if row.get("code"):
            row["code"] = codes.code(row["code"]).id
    return list(rows)


def recommendations(it: Answering, rows: list[Row]) -> Json:
    """Recommendations with ids and citations in capitals."""
    for number, row in enumerate(_numbered(rows, "R"), start=1):
        it.reader.require(number, row)
        row["cites"] = [name.upper() for name in row.get("cites", ())]
        _legal(it, number, row)
    return list(rows)


def _legal(it: Answering, number: int, row: Row) -> None:
    """Raise `Invalid` where ``row`` has a status that none has at issue, or one that may not follow."""
    issued = next((one for one in it.investigation.recommendations if one.id == row["id"]), None)
    new = row.get("status", "")
    if issued is None or not it.investigation.superseded:
        if new and new not in AT_ISSUE:
            do = f"It may be {', '.join(AT_ISSUE)}; later it is answered and judged"
            raise it.reader.fail(f"nothing is issued as {new}", do, f" row {number}, status")
        return
    if new in {"", issued.status}:
        return
    try:
        move(issued.status, new, "issuer")
    except Invalid as error:
        raise it.reader.fail(error.what, error.do, f" row {number}, status") from None


def required(it: Answering, rows: list[Row]) -> Json:
    """Rows whose required columns are filled."""
    for number, row in enumerate(rows, start=1):
        it.reader.require(number, row)
    return list(rows)


def code(it: Answering, value: Json) -> Json:
    """``keep``, a code, a code with a modifier (``B2.3 missing``), or both as a mapping."""
    offered = it.offered if isinstance(it.offered, Mapping) else {}
    if isinstance(value, Mapping):
        unknown = set(value) - {"code", "modifier"}
        if unknown:
            raise it.reader.fail(f"there is no column {unknown.pop()!r}", "Columns are code, modifier")
        words = [str(value.get("code", "keep")), str(value.get("modifier", "") or "")]
    else:
        words = [*_CODE_MODIFIER.split(str(value).strip(), maxsplit=1), ""][:2]
    chosen = str(offered.get("code", "")) if words[0].lower() == "keep" else words[0]
    if not chosen and not it.investigation.resolvable:
        raise NeedsInput("no code is proposed before Q21 is answered", where="Q23", do="Answer Q21 first")
    if not chosen:
        raise it.reader.fail("no code is proposed yet", "Climb the ladder or name one, such as B2.3")
    kept: Row = {"code": codes.code(chosen).id}
    if words[1]:
        options = next(c for c in _finding_columns(it) if c.name == "modifier").options
        kept["modifier"] = it.reader.option(words[1], options, "")
    return kept


def _finding_columns(it: Answering) -> Iterable[Any]:
    from triage.retrospective.script import prompt

    return prompt("Q20").columns


def stacey(it: Answering, value: Json) -> Json:
    """``2→4, 2→2``: certainty and agreement, then and now."""
    text = str(value or "").strip()
    if not text:
        return None
    match = _STACEY.fullmatch(text)
    if match is None:
        raise it.reader.fail("two movements from 1 to 5 are wanted", "For example: 2 4, 2 2")
    sure, sure_now, agreed, agreed_now = map(int, match.groups())
    return {"open": [sure, agreed], "now": [sure_now, agreed_now]}


def sentence(it: Answering, value: Json) -> Json:
    """The probable-cause sentence in its form."""
    text = str(value or "")
    trouble = cause_sentence.trouble(text)
    if trouble:
        raise it.reader.fail(trouble, f"For example: {it.reader.prompt.example}")
    return text


def _numbered(rows: list[Row], letter: str) -> list[Row]:
    taken = {str(row.get("id", "")).upper() for row in rows} - {""}
    for row in rows:
        given = str(row.get("id", "")).upper()
        if not re.fullmatch(rf"{letter}\d+", given):
            given = _next(taken, letter)
            taken.add(given)
        row["id"] = given
    return rows


def _next(taken: Iterable[str], letter: str) -> str:
    numbers = [int(name[1:]) for name in taken if re.fullmatch(rf"{letter}\d{{1,9}}", name)]
    number = max(numbers, default=0) + 1
    return f"{letter}{number:02d}" if letter == "E" else f"{letter}{number}"


PARTS: Mapping[str, Callable[[Answering, Any], Json]] = {
    "timeline": timeline,
    "promises": promises,
    "case_life": life_as_corrected,
    "walk": walk,
    "safeguards": safeguards,
    "findings": findings,
    "recommendations": recommendations,
    "parties": required,
    "accounts": required,
    "enhancement": required,
    "code": code,
    "stacey": stacey,
    "cause_sentence": sentence,
}
