"""The investigation part of a desk in memory: a short script with every type of prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from triage.model.errors import Invalid, Stopped
from triage.model.investigation import (
    CaseEvent,
    Classification,
    Finding,
    Investigation,
    InvestigationView,
    LintSection,
    Mode,
    PromptColumn,
    PromptView,
    Safeguard,
    Violation,
    WordingHit,
)
from triage.model.json_value import Json
from triage.model.operation import Change, Note, Operation
from triage.model.run import Option

OPENED = datetime(2026, 3, 10, 1, 24, tzinfo=UTC)

SEEN = (
    Option("not_shown", "not shown"),
    Option("shown_not_salient", "shown, did not stand out"),
    Option("seen_and_acted", "seen and acted on"),
)
WALK_COLUMNS = (
    PromptColumn("stop", "What would have stopped it here?"),
    PromptColumn("signal", "What was there to be seen?"),
    PromptColumn("seen", "Was it shown, and to whom?", "choice", SEEN),
    PromptColumn("at_event", "At which event"),
)
FINDING_COLUMNS = (
    PromptColumn("id", "Id"),
    PromptColumn(
        "kind", "Kind", "choice", (Option("cause", "cause"), Option("contributing", "contributing")), True
    ),
    PromptColumn("text", "One sentence", required=True),
    PromptColumn("evidence", "Evidence", "multi"),
    PromptColumn("code", "Code"),
)
RECOMMENDATION_COLUMNS = (
    PromptColumn("addressee", "Who", required=True),
    PromptColumn("text", "Changes what", required=True),
    PromptColumn("due", "By when", "date"),
    PromptColumn("zero_cost", "Costs nothing", "bool"),
)


def all_prompts() -> tuple[PromptView, ...]:
    """Every type of prompt, in the order of the parts."""
    return (
        PromptView(
            "K1",
            "facts",
            "What can the customer not do right now?",
            "text",
            help="in their words",
            example="212 people cannot open manifests",
            required=True,
            prefill="212 people cannot open any manifest",
            prefill_from="comment 3, 18:42",
            lint_as="fact",
        ),
        PromptView(
            "K2",
            "facts",
            "What made this come to engineering?",
            "choice",
            options=(Option("expertise", "we did not know how"), Option("authority", "we were not allowed")),
            required=True,
        ),
        PromptView("K3", "facts", "What will be gone by morning?", "lines", lint_as="fact"),
        PromptView("Q9", "facts", "How many?", "number"),
        PromptView("Q10", "facts", "Since when?", "time"),
        PromptView("LOCK", "facts", "Facts are locked for analysis.", "confirm", required=True),
        PromptView(
            "W4",
            "walk_back",
            "Step 4. What would have stopped it here?",
            "rows",
            help="look at the design",
            columns=WALK_COLUMNS,
            lint_as="analysis",
            title="Before anyone called: could we or the product have noticed?",
            step=4,
            safeguards=("monitor", "limit"),
        ),
        PromptView(
            "Q20",
            "conclusions",
            "Write what you now know.",
            "rows",
            columns=FINDING_COLUMNS,
            lint_as="finding",
        ),
        PromptView(
            "Q23",
            "conclusions",
            "Code. Keep?",
            "choice",
            options=tuple(Option(f"B{n}.1", f"B{n}.1 Kind {n} of bug") for n in range(1, 13)),
        ),
        PromptView("Q28", "conclusions", "Who changes what by when?", "rows", columns=RECOMMENDATION_COLUMNS),
        PromptView(
            "Q31",
            "conclusions",
            "Read the two notes.",
            "multi",
            options=(Option("post", "post", "p"), Option("copy", "copy", "c")),
        ),
    )


def events() -> tuple[CaseEvent, ...]:
    """Three facts."""
    return tuple(
        CaseEvent(
            f"E0{n}", OPENED.replace(hour=n), "contact", text, "ticket_public", f"comment {n}", "customer"
        )
        for n, text in enumerate(("lost access", "sync said completed", "escalated"), start=1)
    )


@dataclass
class FakeInvestigations:
    """Asks ``prompts`` in order; every verb is noted in ``calls``."""

    prompts: tuple[PromptView, ...] = field(default_factory=all_prompts)
    at: str = "K1"
    """Id of the prompt in hand; empty when all is asked."""
    mode: Mode = "full"
    answers: dict[str, Json] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    """Fields of the investigation that differ."""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    refuse: str = ""
    """While set, answers are refused with these words."""
    violations: tuple[Violation, ...] = (
        Violation("V16", "error", "What is not known is still empty", "K3"),
        Violation("V30", "warning", "Only one party has given its account", "K2"),
    )
    elsewhere: int = 0
    """Entries that another window wrote."""
    save_gate: asyncio.Event | None = None
    """While set and not fired, a draft is on its way and not yet kept."""
    asked_wording: list[str] = field(default_factory=list)

    def now(self) -> InvestigationView:
        """The view as it stands."""
        values: dict[str, Any] = {
            "mode": self.mode,
            "timeline": events(),
            "findings": (Finding("F1", "cause", "The sync removes grants"),),
            "safeguards": (Safeguard("S1", "preview", "prevention", "shows the change", "absent"),),
            "classification": Classification("bug", "B2.3"),
        }
        investigation = Investigation("ESC-2026-0031", "1000", "HL-40817", OPENED, **(values | self.more))
        prompts = tuple(
            replace(
                prompt,
                value=self.answers.get(prompt.id, prompt.value),
                draft=self.drafts.get(prompt.id, ""),
                number=n,
                count=len(self.prompts),
            )
            for n, prompt in enumerate(self.prompts, start=1)
        )
        current = next((prompt for prompt in prompts if prompt.id == self.at), None)
        due = OPENED.replace(hour=4)
        return InvestigationView(investigation, current, prompts, self.violations, 900, due)

    def _after(self, prompt_id: str) -> str:
        ids = [prompt.id for prompt in self.prompts]
        at = ids.index(prompt_id) + 1
        return ids[at] if at < len(ids) else ""

    async def view(self, investigation_id: str, prompt_id: str = "") -> InvestigationView:
        view = self.now()
        asked = next((one for one in view.prompts if one.id == prompt_id), view.prompt)
        return replace(view, prompt=asked)

    async def newest(self, investigation_id: str) -> str:
        return f"{len(self.calls)} {self.elsewhere}"

    async def open(self, ticket_id: str, mode: Mode) -> InvestigationView:
        self.mode = mode
        return self.now()

    async def answer(self, investigation_id: str, prompt_id: str, value: Json) -> InvestigationView:
        if self.refuse:
            raise Invalid(self.refuse)
        self.calls.append(("answer", prompt_id, value))
        self.answers[prompt_id] = value
        self.drafts.pop(prompt_id, None)
        self.at = self._after(prompt_id)
        return self.now()

    async def save_draft(self, investigation_id: str, prompt_id: str, text: str) -> None:
        self.calls.append(("draft", prompt_id, text))
        if self.save_gate is not None:
            await self.save_gate.wait()
        self.drafts[prompt_id] = text

    async def park_fix(self, investigation_id: str, text: str) -> InvestigationView:
        self.calls.append(("park", text))
        self.more["parked_fixes"] = (*self.more.get("parked_fixes", ()), text)
        return self.now()

    async def goto(self, investigation_id: str, prompt_id: str) -> InvestigationView:
        self.calls.append(("goto", prompt_id))
        self.at = prompt_id
        return self.now()

    async def wording(self, text: str, section: LintSection, investigation_id: str) -> tuple[WordingHit, ...]:
        self.asked_wording.append(text)
        at = text.find("should have known")
        if at < 0:
            return ()
        return (WordingHit("L02", "error", at, at + 17, "should have known", "what was visible then?"),)

    async def silence(
        self, investigation_id: str, prompt_id: str, rule: str, reason: str
    ) -> InvestigationView:
        self.calls.append(("silence", prompt_id, rule, reason))
        return self.now()

    async def set_navigator(self, investigation_id: str, name: str) -> InvestigationView:
        self.calls.append(("navigator", name))
        self.more |= {"driver": "me", "navigator": name}
        return self.now()

    async def swap_roles(self, investigation_id: str) -> InvestigationView:
        self.more |= {"driver": self.more["navigator"], "navigator": self.more["driver"]}
        return self.now()

    async def reopen(self, investigation_id: str, reason: str) -> InvestigationView:
        self.calls.append(("reopen", reason))
        self.more |= {"state": "reopened", "phase": "factual", "adopted_at": None}
        self.at = self.prompts[0].id
        return self.now()

    async def lock_facts(self, investigation_id: str) -> InvestigationView:
        self.calls.append(("lock",))
        self.more["facts_locked_at"] = OPENED
        self.at = self._after("LOCK")
        return self.now()

    async def adopt(self, investigation_id: str) -> tuple[InvestigationView, Operation]:
        self.calls.append(("adopt",))
        if any(one.level == "error" for one in self.violations):
            raise Stopped("one rule does not hold")
        note = Change(note=Note("[esc:ESC-2026-0031 v1] FINAL", "internal"))
        return self.now(), Operation("op-1", "1000", note, "proposed", OPENED, "me")

    async def report(self, investigation_id: str) -> str:
        return "# ESC-2026-0031\nSYNOPSIS"

    async def internal_note(self, investigation_id: str) -> str:
        return "[esc:ESC-2026-0031 v1] FINAL"

    async def customer_draft(self, investigation_id: str) -> str:
        return "You could not open manifests."

    async def debrief_sheet(self, investigation_id: str) -> str:
        return "20 minutes: the timeline"


def rows_of(view: InvestigationView, prompt_id: str) -> list[Mapping[str, Json]]:
    """The rows answered to a prompt."""
    value = next(prompt.value for prompt in view.prompts if prompt.id == prompt_id)
    return list(value) if isinstance(value, (list, tuple)) else []
