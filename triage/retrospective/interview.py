"""The interview: what an answer does, when facts are locked, when all is adopted.

Pure: every function takes the folded investigation and gives the entries to append; nothing is kept here.
The order of the work is fixed: facts forward, the lock, then the walk back and the conclusions.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from triage.model.case import CaseFacts
from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput, Stopped
from triage.model.investigation import Investigation, Mode, Violation
from triage.model.json_value import Json
from triage.model.promises_in_text.reading import find_promises
from triage.retrospective import rules
from triage.retrospective import script as scripts
from triage.retrospective.answer_parts import PARTS, Answering
from triage.retrospective.answer_value import Reader
from triage.retrospective.answered_parts import event_row
from triage.retrospective.interview_path import on_path, path
from triage.retrospective.prefill import Prefill
from triage.retrospective.references import References
from triage.retrospective.script import Prompt
from triage.retrospective.triggers import outside_hours

ACCEPT = "accept"
"""The answer that takes the prefilled value as it is."""


class AnswersMissing(NeedsInput, Stopped):
    """Required prompts have no answer: going on is stopped, and what is needed is an answer (exit code 3)."""


def open_investigation(
    facts: CaseFacts, number_id: str, mode: Mode, now: datetime, *, zone: tzinfo | None = None
) -> list[NewEntry]:
    """The entry that opens investigation ``number_id`` (``ESC-2026-0031``) of a case.

    It counts as opened when the case was escalated, as far as the ticket tells. With the ``zone`` of the
    people, whether that was outside their hours is kept as well.
    """
    escalated = [one.at for one in facts.timeline if one.kind == "escalation" and one.at <= now]
    opened_at = escalated[-1] if escalated else now
    data: dict[str, Json] = {
        "id": number_id,
        "ticket_key": facts.ticket.key,
        "mode": mode,
        "opened_at": opened_at.isoformat(),
    }
    if zone is not None and escalated and outside_hours(opened_at, zone):
        data["outside_hours"] = True
    return [NewEntry("investigation", number_id, "investigation.opened", data)]


def raise_mode(investigation: Investigation, mode: Mode) -> list[NewEntry]:
    """Go deeper; staying as deep is no entry. Raises `Invalid` for less depth than there was."""
    order = scripts.MODES
    if order.index(mode) < order.index(investigation.mode):
        raise Invalid(f"{investigation.id} is already {investigation.mode}", do="The mode can only be raised")
    return [] if mode == investigation.mode else [_entry(investigation, "mode.raised", mode=mode)]


def park_fix(investigation: Investigation, text: str) -> list[NewEntry]:
    """Keep an idea for later: it is offered again where recommendations are written."""
    return [_entry(investigation, "fix.parked", text=text.strip())] if text.strip() else []


def save_draft(investigation: Investigation, prompt_id: str, text: str) -> list[NewEntry]:
    """Keep what is typed and not yet given. Raises `Invalid` for an unknown prompt."""
    return [_entry(investigation, "answer.drafted", prompt=scripts.prompt(prompt_id).id, text=text)]


def silence(investigation: Investigation, prompt_id: str, rule: str, reason: str) -> list[NewEntry]:
    """Let one wording hit stand, with the reason. Raises `Invalid` without one."""
    if not reason.strip():
        raise Invalid("a reason is wanted for letting it stand", where=f"{prompt_id} {rule}")
    name = scripts.prompt(prompt_id).id
    return [_entry(investigation, "wording.silenced", prompt=name, rule=rule, reason=reason.strip())]


def answer(
    investigation: Investigation,
    prompt_id: str,
    value: Json,
    facts: CaseFacts,
    now: datetime,
    *,
    zone: tzinfo = UTC,
) -> list[NewEntry]:
    """The entries that give ``value`` as the answer to ``prompt_id``.

    Clock times in answers are read in ``zone``. Raises `Invalid` (one line, with a suggestion) for what
    cannot be read, `AnswersMissing` where the facts must be locked first, `Stopped` where it is out of reach.
    """
    prompt = on_path(investigation, scripts.prompt(prompt_id))
    _reachable(investigation, prompt)
    if prompt.writes == "lock":
        Reader(prompt, References((), facts, now)).confirm(value)
        return lock_facts(investigation, facts, now)
    kept = normalised(investigation, prompt, value, facts, now, zone=zone)
    given = _entry(investigation, "answer.given", prompt=prompt.id, value=kept)
    return [given, *_spoken_of(investigation, prompt, kept, facts, now, zone)]


def normalised(
    investigation: Investigation,
    prompt: Prompt,
    value: Json,
    facts: CaseFacts,
    now: datetime,
    *,
    zone: tzinfo = UTC,
) -> Json:
    """``value`` in the form the docket keeps. Raises `Invalid`."""
    offered, _ = Prefill(facts, investigation, now).of(prompt)
    if isinstance(value, str) and value.strip().lower() == ACCEPT:
        if offered is None:
            raise Invalid("nothing was prefilled to accept", where=prompt.id, do="Give the answer itself")
        value = offered
    reader = Reader(prompt, References(investigation.timeline, facts, now, zone))
    answering = Answering(reader, investigation, offered)
    if prompt.writes == "code":
        return PARTS["code"](answering, value)
    read = reader.read(value)
    return PARTS[prompt.writes](answering, read) if prompt.writes in PARTS else read


def _reachable(investigation: Investigation, prompt: Prompt) -> None:
    if investigation.adopted_at is not None:
        raise Stopped(
            f"{investigation.id} is adopted", where=prompt.id, do="Reopen it with new evidence first"
        )
    if prompt.part in {"quick", "facts"} and prompt.writes != "lock":
        return
    if investigation.mode == "quick":
        do = "Raise it to brief or full by daylight"
        raise Stopped("no causes tonight: quick mode ends with the facts", where=prompt.id, do=do)
    if prompt.writes != "lock" and investigation.facts_locked_at is None:
        raise AnswersMissing("the facts come first", where=prompt.id, do="Answer LOCK when they are complete")


def _spoken_of(
    investigation: Investigation, prompt: Prompt, kept: Any, facts: CaseFacts, now: datetime, zone: tzinfo
) -> list[NewEntry]:
    """What an answer says about promises, as entries of the case, where the promise clock reads them."""
    if prompt.id == "K5":
        return _told_promises(investigation, str(kept), facts, now, zone)
    if prompt.writes != "promises":
        return []
    known = {one.id: one for one in facts.promises}
    entries = []
    for row in kept:
        name = row["id"]
        if name not in known:
            told = {key: row[key] for key in ("id", "kind", "due", "made_at") if key in row}
            entries.append(_case_entry(facts, "promise.added", **told, quote=row.get("quote", "")))
        elif row.get("withdrawn"):
            entries.append(_case_entry(facts, "promise.withdrawn", id=name))
        elif not known[name].confirmed:
            entries.append(_case_entry(facts, "promise.confirmed", id=name))
        if row.get("to") and row["to"] != (known[name].to if name in known else "customer"):
            entries.append(_case_entry(facts, "addressee.named", id=name, to=row["to"]))
        if row.get("met_at") and (name not in known or _time(row["met_at"]) != known[name].met_at):
            entries.append(_case_entry(facts, "promise.kept", id=name, at=row["met_at"]))
    return entries


def _told_promises(
    investigation: Investigation, text: str, facts: CaseFacts, now: datetime, zone: tzinfo
) -> list[NewEntry]:
    """Promises named in the answer about what the customer was told, where none is known for that time."""
    known = {one.due for one in facts.promises}
    guesses = [one for one in find_promises(text, now, zone) if one.due not in known]
    return [
        _case_entry(
            facts,
            "promise.added",
            id=f"{investigation.id}#K5-{number}-{guess.due:%Y%m%dT%H%M}",
            kind=guess.kind,
            due=guess.due.isoformat(),
            quote=guess.quote,
        )
        for number, guess in enumerate(guesses, start=1)
    ]


def lock_facts(investigation: Investigation, facts: CaseFacts, now: datetime) -> list[NewEntry]:
    """Close the facts for analysis; later evidence is marked.

    In brief mode the imported timeline is kept as it is. Raises `Stopped` where facts are missing,
    `NeedsInput` where nobody has looked at the timeline in full mode.
    """
    if investigation.facts_locked_at is not None:
        return []
    if investigation.mode == "quick":
        raise Stopped(
            "quick mode keeps facts open", where=investigation.id, do="Raise it to brief or full first"
        )
    if "Q1" not in investigation.answers and investigation.mode == "full":
        raise NeedsInput(
            "nobody has looked at the timeline", where="Q1", do="Answer Q1; accept keeps it as it is"
        )
    _ask_for(investigation, {"quick", "facts"})
    _stop_on([one for one in rules.check(investigation, facts, now) if one.rule in rules.BEFORE_LOCK])
    entries = []
    if "Q1" not in investigation.answers:
        rows: list[Json] = [event_row(one) for one in investigation.timeline]
        entries.append(_entry(investigation, "answer.given", prompt="Q1", value=rows))
    return [*entries, _entry(investigation, "facts.locked")]


def adopt(investigation: Investigation, facts: CaseFacts, now: datetime) -> list[NewEntry]:
    """Make it final.

    Raises `AnswersMissing` naming the required prompts that have no answer, `Stopped` while a rule of level
    error is broken or the mode is too shallow.
    """
    if investigation.adopted_at is not None:
        raise Stopped(f"{investigation.id} is already adopted", do="Reopen it with new evidence first")
    if investigation.mode == "quick":
        raise Stopped("quick mode reaches no cause", where=investigation.id, do="Raise it to brief or full")
    if investigation.mode == "brief" and investigation.triggers:
        why = "; ".join(investigation.triggers)
        raise Stopped(f"full mode is due: {why}", where=investigation.id, do="Raise the mode to full")
    if investigation.facts_locked_at is None:
        raise AnswersMissing("the facts are not locked", where=investigation.id, do="Answer LOCK first")
    _ask_for(investigation, set(scripts.PARTS))
    _stop_on(rules.check(investigation, facts, now))
    return [_entry(investigation, "investigation.adopted")]


def reopen(investigation: Investigation, reason: str) -> list[NewEntry]:
    """Open an adopted investigation again; what was adopted stays in the docket. Raises `Invalid`."""
    if investigation.adopted_at is None:
        raise Invalid(f"{investigation.id} is not adopted", do="Go on with it as it is")
    if not reason.strip():
        raise Invalid("a reason is wanted for reopening", where=investigation.id)
    return [_entry(investigation, "investigation.reopened", reason=reason.strip())]


def note_written(investigation: Investigation) -> list[NewEntry]:
    """The internal note of this version was handed to the outbox; the next one is a version later."""
    return [_entry(investigation, "note.written", version=investigation.version)]


def _ask_for(investigation: Investigation, parts: set[str]) -> None:
    """Raise `AnswersMissing` naming the required prompts of ``parts`` that nobody has answered."""
    missing = [
        one.id
        for one in path(investigation)
        if one.required and one.part in parts and one.writes != "lock" and one.id not in investigation.answers
    ]
    if missing:
        what = "an answer is missing" if len(missing) == 1 else f"{len(missing)} answers are missing"
        raise AnswersMissing(
            f"{what}: {', '.join(missing)}", where=investigation.id, do="Answer what is named"
        )


def _stop_on(violations: list[Violation] | tuple[Violation, ...]) -> None:
    errors = [one for one in violations if one.level == "error"]
    if errors:
        listed = "; ".join(f"{one.rule} {one.text.rstrip('.')} ({one.prompt_id})" for one in errors)
        raise Stopped(f"{len(errors)} still missing: {listed}", do="Answer the prompt named behind each")


def _entry(investigation: Investigation, happened: str, /, **data: Json) -> NewEntry:
    return NewEntry("investigation", investigation.id, happened, data)


def _case_entry(facts: CaseFacts, happened: str, /, **data: Json) -> NewEntry:
    return NewEntry("case", facts.ticket.id, happened, data)


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
