"""The playbook part of a desk in memory: a run of every kind of step, folded by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from triage.model.errors import Invalid, Refused
from triage.model.json_value import Json
from triage.model.run import (
    CommandView,
    EvidenceItem,
    Option,
    Panel,
    PlaybookSummary,
    RunLine,
    RunView,
    StepClass,
    StepKind,
    StepView,
    Suggestion,
)
from triage.model.trust import TrustPage

OPENED = datetime(2026, 3, 10, 1, 24, tzinfo=UTC)

COMMAND = CommandView(
    argv=("openssl", "s_client", "-connect", "$IDP:443"),
    script="",
    env={"IDP": "idp.acme.example"},
    cwd="a fresh empty folder",
    timeout_s=30,
    effect="read_only",
    confirm="ask",
    good_when="exit 0 and output has notAfter",
    manual="Open the login page and read the dates of its certificate.",
    trust="read",
    runnable=True,
    digest="d1",
)
DESTRUCTIVE = replace(
    COMMAND, argv=("drop", "everything"), effect="destructive", confirm="typed", digest="d2"
)

SIDES = (Option("customer", "the customer's side", "c"), Option("us", "our side", "o"))


def a_step(step_id: str, kind: StepKind, step_class: StepClass = "read", **more: Any) -> StepView:
    """A step of ``kind`` with a title and a reason."""
    values: dict[str, Any] = {
        "title": f"Title of {step_id}",
        "text": "Do **this** with `care`.",
        "why": "Because.",
    }
    return StepView(step_id, kind, step_class, **(values | more))


def all_steps() -> tuple[StepView, ...]:
    """One step of every kind, in an order that walks through them."""
    return (
        a_step("look", "instruct"),
        a_step("list", "checklist", items=("proxy, and cache", "clock", "groups")),
        a_step("scope", "ask", "ask", answer_type="choice", allow_unknown=True, options=SIDES),
        a_step("count", "ask", "ask", answer_type="number", unit="people", allow_unknown=True),
        a_step("since", "ask", "ask", answer_type="datetime"),
        a_step("certificate", "check", "check", command=COMMAND),
        a_step("side", "decide", "decide", proposed_branch="customer", branches=SIDES),
        a_step("attempt", "evidence", "read"),
        a_step("cause", "root_cause", "talk", template="The certificate expired.", options=SIDES),
        a_step("reply", "draft_reply", "talk", template="Dear customer, it works again."),
        a_step("done", "end", "read", template="Certificate renewed."),
    )


def summary(playbook_id: str, **more: Any) -> PlaybookSummary:
    """A playbook in a list."""
    values: dict[str, Any] = {
        "title": f"Title of {playbook_id}",
        "version": 3,
        "status": "active",
        "owner": "identity",
        "condition": "People cannot sign in.",
        "steps": 11,
        "minutes": 20,
        "path": f"playbooks/{playbook_id}.yaml",
        "origin": "shipped",
    }
    return PlaybookSummary(playbook_id, **(values | more))


def a_run(steps: tuple[StepView, ...], at: int = 0, **more: Any) -> RunView:
    """A run of ``steps`` with step number ``at`` (from 0) in hand."""
    lines = tuple(
        RunLine(
            step.id,
            step.title,
            step.kind,
            step.step_class,
            "done" if n < at else "current" if n == at else "ahead",
            "ok" if n < at else "",
        )
        for n, step in enumerate(steps)
    )
    values: dict[str, Any] = {
        "id": "run-1",
        "case_id": "1000",
        "playbook_id": "sso-login-failure",
        "title": "People cannot sign in",
        "version": 3,
        "sha256": "0" * 64,
        "status": "open" if at < len(steps) else "ended",
        "outcome": None if at < len(steps) else "resolved",
        "summary": "" if at < len(steps) else "Certificate renewed.",
        "opened_at": OPENED,
        "current": steps[at] if at < len(steps) else None,
        "lines": lines,
        "memory_acknowledged": True,
        "variables": {"scope": "all", "idp_host": "idp.acme.example"},
        "evidence": (EvidenceItem("e1", "1000", OPENED, "output", "dates of the certificate"),),
        "done": at,
        "path_length": len(steps),
        "driver": "you",
        "stop_rules": ("more than one customer sees it",),
    }
    return RunView(**(values | more))


@dataclass
class FakePlaybooks:
    """Walks through ``steps``; every verb is noted in ``calls``."""

    steps: tuple[StepView, ...] = field(default_factory=all_steps)
    at: int = 0
    run: dict[str, Any] = field(default_factory=dict)
    """Fields of the run view that differ from `a_run`."""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Steps whose answer was begun, whether it went through or not."""
    output: tuple[str, ...] = ("depth=2", "notAfter=Mar 12 2026")
    hold: asyncio.Event | None = None
    """While set and not fired, a command runs."""
    stopped: bool = False
    """A person stopped the command."""
    gate: asyncio.Event | None = None
    """While set and not fired, an answer waits."""

    left: list[str] = field(default_factory=list)
    """Runs that another window may have."""
    trust_page: TrustPage = field(
        default_factory=lambda: TrustPage("", 3, "p.yaml", "0" * 64, "none", (COMMAND, DESTRUCTIVE))
    )

    def now(self) -> RunView:
        """The view as it stands."""
        return a_run(self.steps, self.at, **self.run)

    def _did(self, *call: Any, move: int = 0) -> RunView:
        self.calls.append(call)
        self.at = max(0, self.at + move)
        return self.now()

    def _in_hand(self, step_id: str) -> None:
        if self.steps[self.at].id != step_id:
            raise Invalid(f"{step_id} is not the step in hand")

    async def list(self) -> tuple[PlaybookSummary, ...]:
        return (summary("sso-login-failure"), summary("upgrade-failed"), summary("broken", errors=2))

    async def suggest(self, ticket_id: str) -> tuple[Suggestion, ...]:
        return (Suggestion(summary("sso-login-failure"), 0.8, ("subject says sign in", "product fits")),)

    async def show(self, playbook_id: str) -> str:
        return f"# {playbook_id}\n\nMemory:\n- Do not restart first.\n\n1. Look\n"

    async def start(self, ticket_id: str, playbook_id: str, *, variables: Mapping[str, Json] = {}) -> RunView:
        return self._did("start", ticket_id, playbook_id)

    async def view(self, run_id: str) -> RunView:
        return self.now()

    async def resume(self, run_id: str) -> RunView:
        self.run["status"] = "open"
        return self._did("resume")

    async def acknowledge_memory(self, run_id: str) -> RunView:
        self.run["memory_acknowledged"] = True
        return self._did("memory")

    async def answer(self, run_id: str, step_id: str, value: Json) -> RunView:
        self.asked.append(step_id)
        if self.gate is not None:
            await self.gate.wait()
        self._in_hand(step_id)
        return self._did("answer", step_id, value, move=1)

    async def answer_unknown(self, run_id: str, step_id: str) -> RunView:
        self._in_hand(step_id)
        return self._did("unknown", step_id, move=1)

    async def decide(self, run_id: str, step_id: str, branch: str, *, reason: str = "") -> RunView:
        self._in_hand(step_id)
        return self._did("decide", step_id, branch, reason, move=1)

    async def skip(self, run_id: str, step_id: str, reason: str, text: str = "") -> RunView:
        self._in_hand(step_id)
        return self._did("skip", step_id, reason, text, move=1)

    async def back(self, run_id: str, *, to: str = "", reason: str = "") -> RunView:
        if not to:
            return self._did("back", move=-1)
        there = [step.id for step in self.steps].index(to)
        return self._did("back", to, reason, move=there - self.at)

    async def park(self, run_id: str, *, remind_at: datetime | None = None) -> RunView:
        self.run["status"] = "parked"
        return self._did("park", remind_at)

    async def stop(self, run_id: str, reason: str) -> RunView:
        self.run |= {"status": "stopped", "current": None, "outcome": "unresolved"}
        return self._did("stop", reason)

    async def resolve_panel(self, run_id: str, choice: str, *, reason: str = "") -> RunView:
        self.run["panel"] = None
        return self._did("panel", choice, reason)

    def leave(self, run_id: str) -> None:
        self.left.append(run_id)

    async def confirm_together(self, run_id: str, answers: Mapping[str, Json]) -> RunView:
        return self._did("together", dict(answers), move=len(answers))

    async def migrate(self, run_id: str) -> RunView:
        self.run |= {"change": None, "changed": False}
        return self._did("migrate")

    @property
    def consent(self) -> FakePlaybooks:
        """Trust is asked of the same object."""
        return self

    async def page(self, playbook_id: str) -> TrustPage:
        return replace(self.trust_page, playbook_id=playbook_id)

    async def trust(self, playbook_id: str, level: str) -> None:
        self.calls.append(("trust", playbook_id, level))

    async def run_command(
        self,
        run_id: str,
        step_id: str,
        digest: str,
        *,
        typed: str = "",
        on_output: Callable[[str], None] | None = None,
    ) -> RunView:
        self._in_hand(step_id)
        self.calls.append(("run", step_id, digest, typed))
        command = self.steps[self.at].command
        if command is None or command.digest != digest:
            raise Refused("the command changed")
        for line in self.output:
            if on_output is not None:
                on_output(line + "\n")
        if self.hold is not None:
            await self.hold.wait()
        if self.stopped:
            say = "robin stopped it at 01:30 UTC, before it was done."
            self.run["panel"] = Panel("interrupted", step_id, say, choices=(Option("retry", "again", "r"),))
            return self.now()
        return self._did("ran", step_id, move=1)

    def stop_command(self, run_id: str) -> None:
        self.stopped = True
        if self.hold is not None:
            self.hold.set()

    async def record_by_hand(self, run_id: str, step_id: str, ok: bool, saw: str) -> RunView:
        self.run["panel"] = None
        return self._did("by hand", step_id, ok, saw, move=1)

    async def set_people(self, run_id: str, *, navigator: str) -> RunView:
        self.run["navigator"] = navigator
        return self._did("people", navigator)

    async def swap_roles(self, run_id: str) -> RunView:
        return self._did("swap")
