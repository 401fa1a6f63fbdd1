"""A recording as the text of a draft playbook and of its own test, both tried before anybody sees them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.model.recorded import RecordedPlaybook
from triage.model.run import Diagnostic
from triage.playbook.interop.yaml_text import playbook_text
from triage.playbook.language.document import SCHEMA_NAME
from triage.playbook.language.steps import Playbook
from triage.playbook.lint.load import load_text
from triage.playbook.record.literals import Literals
from triage.playbook.record.paths import Paths, Way, paths_of
from triage.playbook.record.recording import Recording
from triage.playbook.record.steps import TITLE, TO_WRITE, Built, as_words, clipped
from triage.playbook.record.tidying import tidied
from triage.playbook.trial.cases import read_cases
from triage.playbook.trial.trial import try_case

REMARK = "Recorded from {source}. A draft: read every step before you set status: active."
_OWN_TAGS = re.compile(r"esc[-:].*|escalated|duplicate", re.IGNORECASE)
_STEP_START = re.compile(r"  - id: (\S+)")
_EXAMPLES = {
    "host": "host.example", "ip": "192.0.2.1", "address": "somebody@example.org", "date": "2026-01-10",
    "time": "2026-01-10T09:00Z", "number": "1000000", "ticket": "T-1000",
    "id": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip
"""What a test says in place of a literal; the recording's own is not repeated."""
_ORDER = "Do: "
"""Put before the title of something that was done and is no order by itself."""
_PATTERNS = {"host": "^[A-Za-z0-9.-]+$", "ip": r"^\d{1,3}(\.\d{1,3}){3}$"}
"""Forms that keep a variable from being anything but a place."""


def draft_of(playbook_id: str, recordings: Sequence[Recording]) -> RecordedPlaybook:
    """The draft called ``playbook_id`` of one recording, or of two of one category.

    Raises `Invalid` for a recording in which nothing was done, and for two that ended in different causes.
    """
    if len(recordings) == 2:
        _of_one_category(*recordings)
    dropped = [line for one in recordings for line in one.dropped]
    clear: list[Recording] = []
    for one in recordings:
        acts, left_out = tidied(one.acts)
        dropped += left_out
        clear.append(replace(one, acts=acts))
    if not any(one.acts for one in clear):
        raise Invalid("nothing was done on this case yet", do="investigate it, or run a playbook, first")
    literals = Literals.of(*(one.facts for one in clear))
    paths = paths_of(clear, literals)
    head = _head(playbook_id, clear, literals)
    text, findings = _linted(head, paths, literals)
    test = _test(playbook_id, paths, literals)
    _passes(playbook_id, text, test)
    return RecordedPlaybook(
        playbook_id,
        text,
        test,
        len(paths.steps),
        tuple(literals.replaced),
        tuple(dict.fromkeys(dropped)),
        findings,
    )


def _of_one_category(first: Recording, second: Recording) -> None:
    codes = [one.cause.code[:2] if one.cause else "" for one in (first, second)]
    if all(codes) and codes[0] != codes[1]:
        told = " and ".join(one.cause.code for one in (first, second) if one.cause)
        raise Invalid(f"they ended in different causes: {told}", do="record each on its own")


def _head(playbook_id: str, recordings: Sequence[Recording], literals: Literals) -> dict[str, Any]:
    ticket = recordings[0].facts.ticket
    subject = literals.in_text(" ".join(ticket.subject.split()), "title", filled=False)
    head: dict[str, Any] = {
        "schema": SCHEMA_NAME,
        "id": playbook_id,
        "title": subject[:60].rstrip() or playbook_id,
        "version": 1,
        "status": "draft",
        "owner": f"{TO_WRITE}: the team that keeps this right",
        "condition": f"{TO_WRITE}: when it fits, as one more of these occur. It began with: {subject[:300]}",
        "references": ["The case it was recorded from; see x-recorded-from in the file"],
        "x-recorded-from": [dict(one.source) for one in recordings],
    }
    matcher = _matcher(recordings)
    if matcher:
        head["applies_to"] = matcher
    return head


def _matcher(recordings: Sequence[Recording]) -> dict[str, Any]:
    """What the tickets have that another one like them will have."""
    tickets = [one.facts.ticket for one in recordings]
    tags = sorted({tag for one in tickets for tag in one.tags if not _OWN_TAGS.fullmatch(tag)})
    found: list[dict[str, Any]] = [{"field": "tags", "contains_any": tags[:10]}] if tags else []
    for name in ("component", "product"):
        values = sorted({getattr(one, name) for one in tickets} - {""})
        found += [{"field": name, "in": values}] if values else []
    return {"any": found} if found else {}


def _linted(head: dict[str, Any], paths: Paths, literals: Literals) -> tuple[str, tuple[Diagnostic, ...]]:
    """The draft's text, with only what its author has to do left to say about it."""
    steps = {one.id: one for one in paths.steps}
    for _ in range(1 + 2 * len(steps)):
        text = _text(head, paths, literals)
        _, found = load_text(text, f"{head['id']}.yaml")
        wrong = [one for one in found if not one.code.startswith("PB6")]
        mended = sum(_mended(steps.get(_step_at(text, one.line)), one.code) for one in wrong)
        if not mended:
            break
    if wrong:
        raise Invalid(f"no draft could be made of it: {wrong[0].message}", where=f"line {wrong[0].line}")
    return text, tuple(one for one in found if one.level != "info")


def _mended(one: Built | None, code: str) -> bool:
    """Whether a finding at a step could be mended: its title made an order, or its command words."""
    if one is None:
        return False
    if code == "PB503" and not one.step["title"].startswith(_ORDER):
        one.step["title"] = clipped(_ORDER + one.step["title"], TITLE)
        return True
    if one.step["kind"] not in ("check", "http") or code == "PB503":
        return False
    as_words(one)
    return True


def _step_at(text: str, line: int) -> str:
    starts = [found[1] for row in text.split("\n")[:line] if (found := _STEP_START.match(row))]
    return starts[-1] if starts else ""


def _text(head: dict[str, Any], paths: Paths, literals: Literals) -> str:
    used = set(_asked_variables(paths))
    variables: dict[str, Any] = {}
    for name in sorted(used & set(literals.prompts)):
        given = literals.ticket_field(name)
        variables[name] = {"from": f"ticket.{given}"} if given else {}
        variables[name]["prompt"] = literals.prompts[name]
        if _kind(name) in _PATTERNS:
            variables[name]["pattern"] = _PATTERNS[_kind(name)]
    source = ", ".join(str(one.get("ticket") or one.get("run")) for one in head["x-recorded-from"])
    whole = {**head, **({"vars": variables} if variables else {}), "steps": [one.step for one in paths.steps]}
    return playbook_text(whole, REMARK.format(source=source))


def _kind(variable: str) -> str:
    """What kind of literal a variable stands for: ``host`` of ``host_2``."""
    return re.sub(r"_\d+\Z", "", variable)


def _vars(text: str) -> list[str]:
    return re.findall(r"\{\{ vars\.(\w+)", text)


def _test(playbook_id: str, paths: Paths, literals: Literals) -> str:
    """One case for each recording, and one for each other ending, so that every step is walked."""
    cases = [_case(way, way.ending, paths, literals, "as it was recorded") for way in paths.ways]
    first = paths.ways[0]
    taken = {way.ending for way in paths.ways}
    for ending, name in (("works", "it works"), ("around", "another way"), ("open", "not yet")):
        if ending not in taken:
            cases.append(_case(first, ending, paths, literals, f"the same, ended otherwise: {name}"))
    data = {"playbook": playbook_id, "require": {"steps": 100, "branches": 90}, "cases": cases}
    return playbook_text(data, "The recording itself as a test; the answers carry no names.")


_ENDINGS = {
    "works": ("done", "resolved"),
    "around": ("around", "workaround"),
    "open": ("left_open", "handed_over"),
}


def _case(way: Way, ending: str, paths: Paths, literals: Literals, name: str) -> dict[str, Any]:
    end, outcome = _ENDINGS[ending]
    kinds = {one.id: one for one in paths.steps}
    answers = {step: _neutral(value, literals) for step, value in way.answers.items() if _asked(kinds[step])}
    results = {
        step: {**value, "out": literals.in_text(str(value["out"]), step, filled=False)}
        for step, value in way.results.items()
        if isinstance(value, dict) and kinds[step].step["kind"] == "check"
    }
    case: dict[str, Any] = {"name": name, "ticket": _ticket(way, literals)}
    variables = {one: _EXAMPLES.get(_kind(one), "example") for one in _asked_variables(paths)}
    case |= {"vars": variables} if variables else {}
    case["answers"] = {**answers, "ended": ending}
    case |= {"results": results} if results else {}
    case["expect"] = {"path": [*way.path, "ended", end], "outcome": outcome}
    causes = [one.answer for one in paths.steps if one.step["kind"] == "root_cause" and one.id in way.path]
    case["expect"]["root_cause"] = causes[-1]
    return case


def _asked(one: Built) -> bool:
    """Whether a test has to answer the step; a command made into words is only done."""
    return one.step["kind"] in ("ask", "check", "http", "evidence", "root_cause")


def _asked_variables(paths: Paths) -> list[str]:
    """The variables that commands and requests take their values from."""
    texts = [
        text for one in paths.steps for text in (*one.step.get("env", {}).values(), one.step.get("url", ""))
    ]
    return sorted({name for text in texts for name in _vars(text)})


def _neutral(value: Json, literals: Literals) -> Json:
    if isinstance(value, str):
        return literals.in_text(value[:400], "test", filled=False).strip() or "unknown"
    if isinstance(value, dict):
        return {name: _neutral(one, literals) if name == "saw" else one for name, one in value.items()}
    return value


def _ticket(way: Way, literals: Literals) -> dict[str, Any]:
    ticket = way.recording.facts.ticket
    told: dict[str, Any] = {
        "subject": literals.in_text(ticket.subject[:190], "test", filled=False) or "A test"
    }
    for name in ("priority", "product", "component"):
        if getattr(ticket, name):
            told[name] = getattr(ticket, name)
    if ticket.tags:
        told["tags"] = list(ticket.tags)
    return told


def _passes(playbook_id: str, text: str, test: str) -> None:
    """Raises `Invalid` where the draft does not stand its own test; that would be a fault of ours."""
    document, _ = load_text(text, f"{playbook_id}.yaml")
    if document is None:
        raise Invalid("the draft cannot be read back", where=playbook_id)
    faults = _faults(document, test, playbook_id)
    if faults:
        raise Invalid(f"the draft does not pass its own test: {faults[0]}", where=playbook_id)


def _faults(document: Playbook, test: str, playbook_id: str) -> list[str]:
    cases, wrong = read_cases(test, f"{playbook_id}.test.yaml", document)
    if cases is None:
        return [one.message for one in wrong]
    return [fault for case in cases.cases for fault in try_case(document, case).faults]
