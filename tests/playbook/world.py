"""A small world for the tests of playbooks: a ticket, a context, a docket of one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from triage.model.case import CaseFacts
from triage.model.entry import Entry, NewEntry
from triage.model.run import Diagnostic, RunView
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Playbook
from triage.playbook.lint.load import load_text
from triage.playbook.run import engine
from triage.playbook.run.opening import PinnedText
from triage.playbook.run.run_state import RunState

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SHIPPED = Path(__file__).parents[2] / "playbooks"
HEAD = """schema: triage.playbook/v1
id: probe
title: A probe
version: 1
owner: nobody
condition: Always.
references: [nothing]
"""
END = "  - {id: done, kind: end, title: Done, outcome: resolved}\n"


def facts(subject: str = "Nobody can sign in", text: str = "It loops.", **changes: Any) -> CaseFacts:
    """A ticket with one message."""
    known: dict[str, Any] = {
        "id": "7", "key": "HL-7", "subject": subject, "status": "open", "created_at": NOW - timedelta(days=1),
        "updated_at": NOW, "version": Version("1", True), "priority": "high", "customer": "Pemba Air",
        "requester": "Ines",
    }  # fmt: skip
    ticket = Ticket(**{**known, **changes})
    event = TimelineEvent("e1", "7", NOW - timedelta(days=1), "message", "public", "customer", "Ines", text)
    return CaseFacts(ticket, (event,), ())


def context(**changes: Any) -> Context:
    """Now, with every program installed and full trust."""
    known: dict[str, Any] = {
        "now": NOW, "facts": facts(), "trust": "run", "person": "mara", "has_program": lambda _: True,
    }  # fmt: skip
    return Context(**{**known, **changes})


def document(steps: str, head: str = "") -> Playbook:
    """A playbook of ``steps`` (YAML, indented by two); fails the test when it has errors."""
    playbook, found = load_text(HEAD + head + "steps:\n" + steps, "probe.yaml")
    assert playbook is not None, [one for one in found if one.level == "error"]
    return playbook


def findings(steps: str, head: str = "") -> tuple[Diagnostic, ...]:
    """What is found in a playbook of ``steps``."""
    return load_text(HEAD + head + "steps:\n" + steps, "probe.yaml")[1]


def codes(steps: str, head: str = "") -> set[str]:
    """The codes found in a playbook of ``steps``."""
    return {one.code for one in findings(steps, head)}


class Bench:
    """One run, driven as the desk drives it: fold, act, append, fold again."""

    def __init__(
        self,
        playbook: Playbook,
        includes: Mapping[str, PinnedText] | None = None,
        *,
        variables: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        self.context = context(**changes)
        self.entries: list[Entry] = []
        self.playbook = playbook
        self.add(
            engine.open_run(
                "r1", playbook, "", "a" * 64, self.context, variables=variables, includes=includes
            )
        )
        if playbook.memory_items:
            self.do(engine.acknowledge_memory)

    @property
    def state(self) -> RunState:
        return engine.fold(self.entries, self.playbook)

    @property
    def view(self) -> RunView:
        return engine.view(self.state, self.context)

    @property
    def here(self) -> str:
        return self.state.position

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    def add(self, new: Sequence[NewEntry]) -> None:
        for one in new:
            number = f"{len(self.entries):06d}"
            self.entries.append(
                Entry(number, "7", "run", "r1", one.kind, self.context.now, "mara", "driver", data=one.data)
            )

    def do(self, verb: Callable[..., list[NewEntry]], *args: Any, **named: Any) -> RunView:
        self.add(verb(self.state, self.context, *args, **named))
        return self.view

    def answer(self, step_id: str, value: Any = True, **named: Any) -> RunView:
        return self.do(engine.answer, step_id, value, **named)
