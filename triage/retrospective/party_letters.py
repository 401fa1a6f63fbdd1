"""What the parties say: invited, they submit what they think was found, caused and wanted, or decline.

A submission is printed beside the report and changes nothing in it; a dissent is printed as written, at any
time, and the verdict stands. (After 49 CFR 831.14 and 845: submissions belong in the docket.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid
from triage.model.investigation import Investigation, Party, PartyKind, Submission

SPOKE = "party.spoke"
DISSENTED = "dissent.filed"
_SAID = ("findings", "cause", "recommendations", "component", "rep")
KINDS: tuple[str, ...] = get_args(PartyKind)


def invite(investigation: Investigation, kind: str, *, component: str = "", rep: str = "") -> NewEntry:
    """Ask a side for its account: for what part it answers, and who speaks for it on this machine.

    Raises `Invalid` for no such side, or one that has answered.
    """
    party = _party(investigation, kind)
    if party.submission in {"submitted", "declined"}:
        raise Invalid(f"{kind} has answered: {party.submission}", where=investigation.id)
    beside = {"component": component.strip(), "rep": rep.strip()}
    return _spoke(investigation, kind, "invited", {name: text for name, text in beside.items() if text})


def submit(
    investigation: Investigation, kind: str, *, findings: str = "", cause: str = "", recommendations: str = ""
) -> NewEntry:
    """What a side proposes to find. Raises `Invalid` for no such side, or without any words."""
    _party(investigation, kind)
    words = {"findings": findings.strip(), "cause": cause.strip(), "recommendations": recommendations.strip()}
    if not any(words.values()):
        do = "Give --findings, --cause or --recommendations"
        raise Invalid("a submission without words", where=investigation.id, do=do)
    return _spoke(investigation, kind, "submitted", words)


def decline(investigation: Investigation, kind: str, *, silent: bool = False) -> NewEntry:
    """A side does not wish to say anything, or has not answered. Raises `Invalid` for no such side."""
    _party(investigation, kind)
    return _spoke(investigation, kind, "no_reply" if silent else "declined")


def dissent(investigation: Investigation, kind: str, text: str) -> NewEntry:
    """A side sees it differently. Raises `Invalid` for no such side, or without words."""
    _party(investigation, kind)
    if not text.strip():
        raise Invalid("a dissent without words", where=investigation.id, do="Say what is seen differently")
    return NewEntry("investigation", investigation.id, DISSENTED, {"party": kind, "text": text.strip()})


def is_party_letter(entry: Entry) -> bool:
    """Whether ``entry`` is one of these; it may come after adoption and is no time spent."""
    return entry.kind in {SPOKE, DISSENTED}


def with_submissions(parties: Iterable[Party], letters: Sequence[Entry]) -> tuple[Party, ...]:
    """The parties as they stand after ``letters``, oldest first."""
    found = {one.kind: one for one in parties}
    for letter in letters:
        if letter.kind != SPOKE:
            continue
        data: Mapping[str, Any] = letter.data
        party = found.get(data["kind"], Party(data["kind"]))
        invited = letter.at if data["submission"] == "invited" else party.invited_at
        said = {name: data[name] for name in _SAID if data.get(name)}
        found[party.kind] = replace(party, submission=data["submission"], invited_at=invited, **said)
    return tuple(found.values())


def dissents(letters: Iterable[Entry]) -> tuple[str, ...]:
    """Every dissent as it is printed: ``Product: the view cannot be kept.``"""
    return tuple(
        f"{str(one.data['party']).replace('_', ' ').capitalize()}: {one.data['text']}"
        for one in letters
        if one.kind == DISSENTED
    )


def _party(investigation: Investigation, kind: str) -> Party:
    if kind not in KINDS:
        raise Invalid(f"no party is a {kind!r}", where=investigation.id, do=f"Parties are {', '.join(KINDS)}")
    return next((one for one in investigation.parties if one.kind == kind), Party(kind, "not_invited"))


def _spoke(
    investigation: Investigation, kind: str, submission: Submission, words: Mapping[str, str] | None = None
) -> NewEntry:
    data = {"kind": kind, "submission": submission, **(words or {})}
    return NewEntry("investigation", investigation.id, SPOKE, data)
