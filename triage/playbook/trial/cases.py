"""The test file of a playbook: what is answered, what commands say, and where that must lead.

One file a playbook, ``tests/ID.test.yaml`` beside it or ``ID.test.yaml`` in the same folder. It is read as
strictly as a playbook: a mistake is found at its line, and a step that does not exist is named with the
one that was probably meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from triage.model.case import CaseFacts
from triage.model.json_value import Json
from triage.model.run import Diagnostic, Outcome, RunStatus
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent
from triage.playbook.language.document import Identifier, Line, Part, Text
from triage.playbook.language.fields import report
from triage.playbook.language.source import Source, did_you_mean
from triage.playbook.language.steps import Ask, Playbook, Probe
from triage.playbook.language.yaml_nodes import YamlError, read_tree

STARTED = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
"""The moment every test takes place at, so that it means the same on every day."""
RUN_KEYS = ("run.navigator", "run.stop")


class CaseTicket(Part):
    """The ticket a case is about; what is left out is not known."""

    subject: Line = Field("A test", description="Subject of the ticket.")
    text: Text | None = Field(None, description="First message of the customer.")
    priority: Line | None = Field(None, description="Priority.")
    status: Line = Field("open", description="Status.")
    type: Line | None = Field(None, description="Type, such as question.")
    tags: tuple[Line, ...] = Field((), description="Tags.")
    organization: Line | None = Field(None, description="The customer.")
    requester: Line | None = Field(None, description="Who wrote it.")
    product: Line | None = Field(None, description="Product.")
    product_version: Line | None = Field(None, description="Version of the product.")
    component: Line | None = Field(None, description="Component.")


class CommandResult(Part):
    """What a command or a request would have said."""

    exit: int | None = Field(0, description="Exit code.")
    out: Annotated[str, Field(max_length=20_000)] = Field("", description="What it printed.")
    timed_out: bool = Field(False, description="It did not end in time.")
    problem: str = Field("", description="Why it could not be started.")
    status: Annotated[int, Field(ge=100, le=599)] | None = Field(
        None, description="Of a request; 200 when left out."
    )
    ms: Annotated[int, Field(ge=0)] | None = Field(None, description="How long a request took.")
    cert_days: float | None = Field(None, description="Days the server's certificate is good for.")
    fault: str = Field("", description="Why a request had no answer: refused, unreachable, bad certificate.")


class Wanted(Part):
    """Where a case must lead; what is left out is not looked at."""

    path: tuple[Line, ...] = Field((), description="The steps in order, the end included.")
    status: RunStatus = Field("ended", description="ended, or stopped by a stop rule or a panel.")
    outcome: Outcome | None = Field(None, description="How it ended.")
    root_cause: Line | None = Field(None, description="Category of the cause.")
    reply_contains: tuple[Line, ...] = Field((), description="Words that stand in the customer drafts.")


class Case(Part):
    """One way through the playbook."""

    name: Line = Field(description="What is shown.")
    ticket: CaseTicket = Field(
        default_factory=lambda: CaseTicket.model_validate({}), description="The ticket."
    )
    config: dict[str, Any] = Field(default_factory=dict, description="The team's settings, config.*.")
    vars: dict[str, Any] = Field(
        default_factory=dict, description="Values of variables; null is an unknown one."
    )
    answers: dict[str, Any] = Field(default_factory=dict, description="Step id to answer.")
    results: dict[str, CommandResult] = Field(
        default_factory=dict, description="Step id to what its command says."
    )
    expect: Wanted = Field(description="Where it leads.")


class Required(Part):
    """How much of the playbook the cases must walk, in percent."""

    steps: Annotated[int, Field(ge=0, le=100)] = Field(100, description="Of the steps.")
    branches: Annotated[int, Field(ge=0, le=100)] = Field(90, description="Of the ways out of them.")


class CaseFile(Part):
    """All cases of one playbook."""

    playbook: Identifier = Field(description="The id of the playbook.")
    cases: tuple[Case, ...] = Field(description="The cases.")
    require: Required = Field(
        default_factory=lambda: Required.model_validate({}), description="Coverage to reach."
    )


def case_file_of(path: Path) -> Path | None:
    """The test file of the playbook at ``path``; None when it has none."""
    name = f"{path.stem}.test.yaml"
    return next((one for one in (path.parent / "tests" / name, path.parent / name) if one.is_file()), None)


def playbook_file_of(path: Path) -> Path:
    """The playbook that the test file at ``path`` is about; any other path as it is."""
    if not path.name.endswith(".test.yaml"):
        return path
    name = path.name.removesuffix(".test.yaml") + ".yaml"
    beside, above = path.parent / name, path.parent.parent / name
    return beside if beside.is_file() else above


def read_cases(
    text: str, path: str, document: Playbook, *, paths_matter: bool = True
) -> tuple[CaseFile | None, tuple[Diagnostic, ...]]:
    """The cases in ``text`` and everything wrong with them; None when anything is. Never raises.

    With ``paths_matter`` false an expected path may name steps that are gone, because it is to be renewed.
    """
    source = Source(path, text, text.split("\n"))
    try:
        tree = read_tree(text)
    except YamlError as error:
        source.add_yaml(error)
        return None, source.sorted()
    source.places = tree.places
    for trouble in tree.errors:
        source.add_yaml(trouble)
    if not isinstance(tree.data, dict):
        source.add((), "PB009", "a test file is a mapping", advice="begin with playbook: and its id")
        return None, source.sorted()
    try:
        found = CaseFile.model_validate(tree.data)
    except ValidationError as error:
        report(source, error, CaseFile, tree.data, (), "")
        return None, source.sorted()
    _names(source, found, document, paths_matter=paths_matter)
    return (None if source.has_errors else found), source.sorted()


def _names(source: Source, found: CaseFile, document: Playbook, *, paths_matter: bool) -> None:
    """PB605: a step or variable the playbook does not have."""
    if found.playbook != document.id:
        source.add(("playbook",), "PB605", f"this is not about {document.id!r}", advice="write its id")
    steps = [step.id for step in document.steps]
    commands = [step.id for step in document.steps if isinstance(step, Probe)]
    saved = [step.save_as for step in document.steps if isinstance(step, Ask) and step.save_as]
    for number, case in enumerate(found.cases):
        base = ("cases", number)
        for name in case.answers:
            _known(source, (*base, "answers", name), name, [*steps, *RUN_KEYS], "step", on_key=True)
        for name in case.results:
            _known(source, (*base, "results", name), name, commands, "command", on_key=True)
        for name in case.vars:
            _known(source, (*base, "vars", name), name, [*document.vars, *saved], "variable", on_key=True)
        for index, name in enumerate(case.expect.path if paths_matter else ()):
            _known(source, (*base, "expect", "path", index), name, steps, "step")


def _known(
    source: Source,
    where: tuple[str | int, ...],
    name: str,
    known: list[str],
    what: str,
    *,
    on_key: bool = False,
) -> None:
    if name not in known:
        advice = did_you_mean(name, known, "there are: " + ", ".join(known) if known else "there is none")
        source.add(where, "PB605", f"no {what} {name!r}", advice=advice, on="key" if on_key else "value")


def facts_of(ticket: CaseTicket) -> CaseFacts:
    """The ticket of a case, as a run sees it."""
    told = ticket.model_dump(exclude={"organization", "text", "tags"}, exclude_none=True)
    given: dict[str, Any] = {**told, "tags": ticket.tags, "customer": ticket.organization or ""}
    opened = STARTED - timedelta(days=1)
    held = Ticket(
        id="1", key="T-1", created_at=opened, updated_at=STARTED, version=Version("1", True), **given
    )
    if ticket.text is None:
        return CaseFacts(held, (), ())
    said = TimelineEvent(
        "e1", "1", opened, "message", "public", "customer", ticket.requester or "", ticket.text
    )
    return CaseFacts(held, (said,), ())


def answers_of(case: Case, document: Playbook) -> Mapping[str, Json]:
    """The answers of a case, with the plain ones filled in: what is only to be done is done.

    Questions, checks, used playbooks (by ``{outcome: …, returns: {…}}``) and undecided branches must be
    answered in the file; drafts stay as proposed.
    """
    plain: dict[str, Json] = {}
    for step in document.steps:
        if step.kind == "evidence":
            plain[step.id] = "what was seen"
        elif step.kind == "checklist":
            plain[step.id] = "all"
        elif step.kind not in ("ask", "check", "http", "root_cause", "playbook"):
            plain[step.id] = True
        if step.two_person and step.id in plain:
            plain[step.id] = {"value": plain[step.id], "typed": step.id}
            plain["run.navigator"] = "second person"
    variables = {f"vars.{name}": "unknown" if value is None else value for name, value in case.vars.items()}
    return {**plain, **variables, **case.answers}
