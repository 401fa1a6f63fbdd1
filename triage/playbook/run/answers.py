"""What a person may answer to each kind of step, and what the run keeps of it.

An option is named by its number (from 1), its value or its label; a checklist's items by number or text.
Everything is checked here, so that entries only ever hold good answers.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.playbook.language.durations import duration_text, parse_duration
from triage.playbook.language.patterns import PatternTooSlowError, compile_pattern
from triage.playbook.language.source import closest
from triage.playbook.language.steps import Ask, Checklist, EvidenceStep, RootCause
from triage.playbook.language.template import MISSING_MARK
from triage.playbook.run.redaction import redact

TEXT_LIMIT = 20_000
EVIDENCE_LIMIT = 64 * 1024
UNKNOWN_WORDS = ("unknown", "?")
_YES = ("true", "yes", "y", "done", "ok")
_NO = ("false", "no", "n")


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to choose."""

    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A good answer: what ``steps.ID`` will hold, and what else it does."""

    values: Mapping[str, Json]
    next: str = ""
    """Where an option leads; empty for the usual way."""
    evidence: tuple[Mapping[str, Json], ...] = field(default=())


def yes_or_no(value: Json, step_id: str) -> bool:
    """A truth value, however it was typed. Raises `Invalid`."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise Invalid(f"{value!r} is neither yes nor no", where=step_id)


def pick(value: Json, picks: Sequence[Pick], step_id: str) -> Pick:
    """The one that ``value`` names by number, value or label. Raises `Invalid` with what there is."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Invalid(f"{value!r} is not one of {_names(picks)}", where=step_id)
    text = str(value).strip()
    folded = text.casefold()
    exact = [one for one in picks if text == one.value]
    alike = [one for one in picks if folded == one.value.casefold()]
    labelled = [one for one in picks if folded and folded == one.label.casefold()]
    for named in (exact, alike, labelled):
        if named:
            return named[0]
    if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= len(picks):
        return picks[int(text) - 1]
    best = closest(text, [one.value for one in picks])
    advice = f"did you mean {best!r}?" if best else "answer with a number, a value or a label"
    raise Invalid(f"{text!r} is not one of {_names(picks)}", where=step_id, do=advice)


def _names(picks: Sequence[Pick]) -> str:
    return ", ".join(f"{number} {one.value}" for number, one in enumerate(picks, 1))


def _many(value: Json) -> list[Json]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, Sequence):
        return list(value)
    return [value]


def text_answer(value: Json, step_id: str, *, limit: int = TEXT_LIMIT) -> str:
    """A text that says something. Raises `Invalid`."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not text:
        raise Invalid("an answer in words is needed", where=step_id)
    if len(text) > limit:
        raise Invalid(f"the text has {len(text):,} characters; {limit:,} fit", where=step_id)
    return text


def answer_ask(step: Ask, value: Json, now: datetime) -> Answered:
    """A question's answer by its type. Raises `Invalid`."""
    if step.type == "choice":
        picks = [Pick(one.value, one.label or "") for one in step.options]
        chosen = pick(value, picks, step.id)
        option = step.options[picks.index(chosen)]
        return Answered({"ok": True, "value": option.value}, option.next or "")
    if step.type == "multi":
        picks = [Pick(one.value, one.label or "") for one in step.options]
        chosen_values = [pick(one, picks, step.id).value for one in _many(value)]
        return Answered({"ok": bool(chosen_values), "value": list(dict.fromkeys(chosen_values))})
    if step.type == "bool":
        return Answered({"ok": True, "value": yes_or_no(value, step.id)})
    if step.type == "number":
        return Answered({"ok": True, "value": _number(step, value)})
    return Answered({"ok": True, "value": _written(step, value, now)})


def _number(step: Ask, value: Json) -> Json:
    text = str(value).strip().replace(" ", "")
    if step.unit:
        text = text.removesuffix(step.unit)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise Invalid(f"{value!r} is not a number", where=step.id)
    if (step.min is not None and number < step.min) or (step.max is not None and number > step.max):
        low, high = ("any" if edge is None else f"{edge:g}" for edge in (step.min, step.max))
        raise Invalid(f"{text} is not between {low} and {high}", where=step.id)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _written(step: Ask, value: Json, now: datetime) -> str:
    text = text_answer(value, step.id)
    if step.type == "datetime":
        return moment(text, now, step.id).isoformat()
    if step.type == "duration":
        try:
            return duration_text(parse_duration(text))
        except ValueError as error:
            raise Invalid(str(error), where=step.id) from None
    if (step.min is not None and len(text) < step.min) or (step.max is not None and len(text) > step.max):
        low, high = ("any" if edge is None else f"{edge:g}" for edge in (step.min, step.max))
        raise Invalid(f"the text has {len(text)} characters; wanted: {low} to {high}", where=step.id)
    check_pattern(text, step.pattern, step.id)
    return text


def check_pattern(text: str, pattern: str | None, where: str) -> None:
    """Raise `Invalid` unless the whole ``text`` matches ``pattern``."""
    if pattern is None:
        return
    try:
        fits = compile_pattern(pattern).fullmatch(text, timeout=0.5) is not None
    except TimeoutError:
        raise Invalid("the answer could not be checked in time", where=where) from PatternTooSlowError(
            pattern
        )
    if not fits:
        raise Invalid(f"{text!r} does not have the form {pattern}", where=where)


def moment(text: str, now: datetime, where: str) -> datetime:
    """A time: ISO 8601 with zone (UTC when it has none), ``now``, or ``2h ago``. Raises `Invalid`."""
    if text.lower() == "now":
        return now
    if ago := re.fullmatch(r"(.+?)\s+ago", text):
        try:
            return now - parse_duration(ago[1])
        except ValueError as error:
            raise Invalid(str(error), where=where) from None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        advice = "write 2026-03-10T18:42Z, now, or 2h ago"
        raise Invalid(f"{text!r} is not a date and time", where=where, do=advice) from None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def answer_checklist(step: Checklist, value: Json) -> Answered:
    """The checked items; ``true`` or ``all`` checks every one. Unchecked ones are kept by their text."""
    texts = step.texts
    if value is True or (isinstance(value, str) and value.strip().lower() == "all"):
        checked = set(texts)
    else:
        picks = [Pick(text) for text in texts]
        # Items hold commas, so a bare text is one item and never split.
        chosen = [value] if isinstance(value, str) else _many(value)
        checked = {pick(one, picks, step.id).value for one in chosen}
    unchecked = [text for text in texts if text not in checked]
    if unchecked and step.required:
        raise Invalid(
            f"not checked: {unchecked[0]}", where=step.id, do="check every item, or skip with a reason"
        )
    return Answered({"ok": not unchecked, "unchecked": unchecked})


def answer_evidence(step: EvidenceStep, value: Json, source: str) -> Answered:
    """Pieces of evidence: texts, or mappings with ``kind`` and ``content`` or an ``id`` kept elsewhere."""
    raw = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    items = [_evidence(step, one, source) for one in raw if one not in (None, "", True)]
    if len(items) < step.min:
        raise Invalid(f"{step.min} piece{'s' * (step.min > 1)} of evidence needed", where=step.id)
    ids: list[Json] = [str(item["id"]) for item in items]
    return Answered({"ok": True, "ids": ids}, evidence=tuple(items))


def _evidence(step: EvidenceStep, value: Json, source: str) -> Mapping[str, Json]:
    given: Mapping[str, Any] = value if isinstance(value, Mapping) else {"content": value}
    kind = given.get("kind") or ("text" if "text" in step.accept else step.accept[0])
    if kind not in step.accept:
        raise Invalid(f"{kind!r} is not accepted here", where=step.id, do="one of: " + ", ".join(step.accept))
    if given.get("id"):
        kept = {name: given[name] for name in ("summary", "sha256", "size", "redactions") if name in given}
        return {"id": str(given["id"]), "kind": kind, "summary": "", "source": source, **kept}
    content = text_answer(given.get("content"), step.id, limit=EVIDENCE_LIMIT)
    if kind == "url" and not re.fullmatch(r"https?://\S+", content):
        raise Invalid(f"{content!r} is not a web address", where=step.id)
    text, redactions = redact(content)
    return text_evidence(text, str(kind), str(given.get("summary") or ""), source, redactions)


def text_evidence(text: str, kind: str, summary: str, source: str, redactions: int) -> Mapping[str, Json]:
    """The entry data of a piece of evidence whose content stands in the entry itself."""
    raw = text.encode("utf-8", "replace")
    digest = hashlib.sha256(raw).hexdigest()
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return {
        "id": digest[:16], "kind": kind, "summary": summary or first[:120], "sha256": digest,
        "size": len(raw), "redactions": redactions, "source": source, "text": text,
    }  # fmt: skip


def answer_root_cause(step: RootCause, value: Json, proposal: Mapping[str, Json]) -> Answered:
    """A cause: a mapping that changes the proposal, a category, or ``true`` to accept it as proposed."""
    said: Json = {} if value is True else value
    given: Mapping[str, Json] = said if isinstance(said, Mapping) else {"category": said}
    unknown = [name for name in given if name not in (*proposal, "category")]
    if unknown:
        raise Invalid(
            f"a root cause has no {unknown[0]!r}", where=step.id, do="it has: " + ", ".join(proposal)
        )
    merged = {**proposal, **given}
    if not merged.get("category"):
        raise Invalid("the category is needed", where=step.id, do=_names(_categories(step)))
    chosen = pick(merged["category"], _categories(step), step.id)
    category = next(one for one in step.categories if one.value == chosen.value)
    if merged["confidence"] not in ("low", "medium", "high"):
        raise Invalid("confidence is low, medium or high", where=step.id)
    statement = whole_text(merged["statement"], step.id)
    code = given.get("code") or category.code or ""
    return Answered({**merged, "ok": True, "category": category.value, "statement": statement, "code": code})


def _categories(step: RootCause) -> list[Pick]:
    return [Pick(one.value, one.label or "") for one in step.categories]


def whole_text(value: Json, step_id: str) -> str:
    """A text with no gap left open. Raises `Invalid` naming the first."""
    text = text_answer(value, step_id)
    if MISSING_MARK in text:
        name = text.split(MISSING_MARK, 1)[1].split("]", 1)[0]
        raise Invalid(f"{name} is not filled in", where=step_id, do="write it into the text")
    return text
