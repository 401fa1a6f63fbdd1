"""An investigation of an escalation: facts first, then the walk back, then conclusions.

The structure follows the NTSB's way of working (49 CFR 831, 845): a fact-finding record that assigns no
blame, a docket, probable cause with contributing factors, and recommendations with a status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from triage.model.json_value import Json
from triage.model.promise import Promise
from triage.model.run import Option

Phase: TypeAlias = Literal["preliminary", "factual", "final"]
State: TypeAlias = Literal["open", "awaiting_parties", "in_review", "adopted", "reopened", "superseded"]
Mode: TypeAlias = Literal["quick", "brief", "full"]
Conducted: TypeAlias = Literal["quick", "brief", "full", "quick_then_full"]
"""How it was gone about: begun at night and gone on with by day is a way of its own."""
AccountRisk: TypeAlias = Literal["", "none", "watch", "product_drop_threat"]
Shown: TypeAlias = Literal["internal", "restricted"]
"""Who may read it: everybody of the company, or only its parties."""
Verdict: TypeAlias = Literal["bug", "education_gap", "undetermined"]
PartyKind: TypeAlias = Literal[
    "support_frontline", "support_tier2", "engineering", "product", "customer", "partner_or_third_party",
    "account_team", "docs_education", "operations",
]  # fmt: skip
Submission: TypeAlias = Literal["not_invited", "invited", "submitted", "declined", "no_reply"]
FindingKind: TypeAlias = Literal["cause", "contributing", "other_risk", "other_finding"]
LintSection: TypeAlias = Literal["fact", "analysis", "finding", "cause", "recommendation", "none"]


@dataclass(frozen=True, slots=True)
class Party:
    """A side that took part; a role, never a person."""

    kind: str
    submission: Submission = "invited"
    account: str = ""
    """What this side saw, believed and expected at the time."""
    findings: str = ""
    """What this side proposes to find, in its own words; so with the next two."""
    cause: str = ""
    recommendations: str = ""
    invited_at: datetime | None = None
    component: str = ""
    """The part of the product this side answers for."""
    rep: str = ""
    """Who speaks for it, as a user's name; no document has it, though a team database shares it."""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One fact in the history of the case."""

    id: str
    """``E01``."""
    at: datetime
    kind: str
    """contact, acknowledge, promise, reply, evidence_request, evidence_received, hypothesis, test,
    status_change, severity_change, handoff, escalation, workaround, fix, verify, change, alert, silence,
    close, reopen."""
    text: str
    source: str
    """ticket_public, ticket_internal, ticket_audit, alert, log, deploy, chat, call, interview,
    customer_statement, investigator."""
    ref: str
    actor_role: str
    precision: Literal["exact", "minute", "hour", "day", "estimated"] = "exact"
    imported: bool = False
    after_lock: bool = False
    """Evidence that came after the facts were locked."""
    original: str = ""
    """The imported wording, where a person edited it."""
    recorded_at: datetime | None = None
    """When it entered the record: with a ticket's event that is when the helpdesk took it down."""
    visibility: Literal["public", "internal"] = "internal"
    """Whether the customer could see it."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A missed opportunity: what thing would have stopped it at this step of the walk back."""

    id: str
    step: int
    """0 (the hand-over) to 8 (design)."""
    at_event: str
    signal: str
    seen: Literal["not_shown", "shown_not_salient", "shown_and_read_otherwise", "seen_and_acted", "unknown"]
    stop: str
    made_sense_because: str = ""
    cost: Literal["zero", "small", "medium", "large", ""] = ""
    safeguard: str = ""
    recommendation: str = ""
    """The recommendation that makes it so."""


@dataclass(frozen=True, slots=True)
class Safeguard:
    """A defence and how it did."""

    id: str
    name: str
    type: Literal["prevention", "detection", "mitigation"]
    expected: str
    actual: Literal[
        "worked", "partly", "absent", "present_not_triggered", "triggered_not_noticed", "bypassed", "broken"
    ]
    layer: str = ""
    how: str = ""
    evidence: tuple[str, ...] = ()
    restored_by: tuple[str, ...] = ()
    accepted_gap: str = ""
    """Why a gap is left open; empty when it is not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with a thing as its subject, and the evidence for it."""

    id: str
    kind: FindingKind
    text: str
    code: str = ""
    modifier: Literal["", "missing", "incorrect", "unclear", "late", "not_used", "excessive"] = ""
    evidence: tuple[str, ...] = ()
    confidence: Literal["high", "medium", "low"] = "medium"
    proposed_by: str = ""
    """The side that proposed it."""
    alternative_ruled_out: str = ""
    """What else would explain it, and what speaks against that."""
    agreed_by: tuple[str, ...] = ()
    """The sides that agree with it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One letter about a recommendation."""

    at: datetime
    sender: str
    text: str
    status_after: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Who changes what by when; the addressee answers, the issuer judges."""

    id: str
    addressee: str
    text: str
    aim: Literal["prevent", "detect", "mitigate", "educate"]
    strength: Literal["strong", "intermediate", "weak"]
    due: date | None
    status: str = "OAR"
    """An NTSB status code: see `triage.retrospective.recommendation_status`."""
    cites: tuple[str, ...] = ()
    cost: Literal["zero", "small", "medium", "large", ""] = ""
    zero_cost: bool = False
    tracker_url: str = ""
    effect_measure: str = ""
    """What shall be counted before and after: "cases with this code per month"."""
    effect_result: str = ""
    """What the count said, in words; counts of like cases are in the register."""
    exchange: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdict and the code, kept apart from cause and from excuses."""

    verdict: Verdict = "undetermined"
    code: str = ""
    modifier: str = ""
    excuse_claimed: str = "none"
    excuse_answer: str = ""
    chronic: bool = False
    design_caused: bool = False
    recurrence_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseLifeSegment:
    """A stretch of the case's life: shown as composition, never by person."""

    start: datetime
    end: datetime
    phase: Literal["documentation", "investigation", "fix_verify", "queue"]
    waiting_on: str
    iteration: int


@dataclass(frozen=True, slots=True)
class Investigation:
    """The whole, as folded from the docket. Empty values mean "not yet determined"."""

    id: str
    """``ESC-2026-0031``."""
    case_id: str
    ticket_key: str
    opened_at: datetime
    phase: Phase = "preliminary"
    state: State = "open"
    mode: Mode = "quick"
    """How deep it goes now."""
    conducted: Conducted = "quick"
    version: int = 1
    """Counts the notes written to the ticket."""
    facts_locked_at: datetime | None = None
    adopted_at: datetime | None = None
    superseded: tuple[datetime, ...] = ()
    """When earlier final versions were adopted; each can still be read."""
    issued: tuple[str, ...] = ()
    """Recommendations of the newest final version: they are owed, also while it is open again."""
    reopened_for: str = ""
    """The new evidence it was opened again for, the latest time."""
    title: str = ""
    customer: str = ""
    relationship: str = "customer"
    product: str = ""
    product_version: str = ""
    component: str = ""
    supported_release: str = ""
    """current, supported, unsupported; empty where the ticket does not say."""
    severity: str = ""
    lead_role: str = ""
    """The side that leads it; never a person."""
    account_risk: AccountRisk = ""
    """Empty while nobody has said."""
    visibility: Shown = "internal"
    full_because: str = ""
    """Why somebody on the case asks for the full form; empty where nobody does."""
    upgrade_held_by: tuple[str, ...] = ()
    """What kept the customer on an old release: price, risk, work, policy."""
    reason_escalated: str = ""
    impact: str = ""
    customer_words: str = ""
    preserved: tuple[str, ...] = ()
    did: str = ""
    told_customer: str = ""
    one_sentence: str = ""
    last_worked: str = ""
    prospect_interest: str = ""
    """What a prospect wants it for, and with which provider or tool."""
    parties: tuple[Party, ...] = ()
    timeline: tuple[CaseEvent, ...] = ()
    promises: tuple[Promise, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    steps_visited: tuple[int, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    held: str = ""
    lucky: str = ""
    findings: tuple[Finding, ...] = ()
    classification: Classification = field(default_factory=Classification)
    resolvable: Literal["", "yes", "no", "unsure"] = ""
    """Whether Support could have resolved it with what the company already knew."""
    assumption: str = ""
    stacey_open: tuple[int, int] | None = None
    stacey_now: tuple[int, int] | None = None
    cause_sentence: str = ""
    not_known: str = ""
    recommendations: tuple[Recommendation, ...] = ()
    enhancement: Mapping[str, Json] = field(default_factory=dict)
    """The wish behind the case: screen, quantify, value, bundle, recruit."""
    resolvers: str = ""
    dissent: tuple[str, ...] = ()
    parked_fixes: tuple[str, ...] = ()
    case_life: tuple[CaseLifeSegment, ...] = ()
    triggers: tuple[str, ...] = ()
    silenced: Mapping[str, str] = field(default_factory=dict)
    """Wording hits a person silenced, with the reason."""
    answers: Mapping[str, Json] = field(default_factory=dict)
    """Prompt id to the answer as given."""
    drafts: Mapping[str, str] = field(default_factory=dict)
    """Prompt id to text typed and not yet given as an answer."""
    minutes_spent: float = 0.0
    driver: str = ""
    """Who has the keys, once a second person was named; so with the next."""
    navigator: str = ""
    investigators: tuple[str, ...] = ()
    """Everybody who wrote in it or read along, the first first: all of them are credited."""

    def life_at(self, at: datetime) -> tuple[str, int]:
        """The phase of the case's life that ``at`` lies in, and its round; where two meet, the later.

        Empty and 0 before the first contact and after the end.
        """
        for one in reversed(self.case_life):
            if one.start <= at <= one.end:
                return one.phase, one.iteration
        return "", 0


@dataclass(frozen=True, slots=True)
class WordingHit:
    """One place where a text blames or judges instead of describing."""

    rule: str
    level: Literal["error", "warning", "info"]
    start: int
    end: int
    text: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule V01-V30 that does not hold yet, in plain words, with where to mend it."""

    rule: str
    level: Literal["error", "warning"]
    text: str
    prompt_id: str


@dataclass(frozen=True, slots=True)
class PromptColumn:
    """One column of a prompt that asks for rows."""

    name: str
    label: str
    type: Literal["text", "choice", "number", "date", "time", "multi", "bool"] = "text"
    options: tuple[Option, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class PromptView:
    """One question of the script, ready to be asked."""

    id: str
    part: str
    """quick, facts, walk_back, conclusions."""
    ask: str
    """The question; a step of the walk back has its screen title in ``title``."""
    type: Literal["text", "lines", "choice", "multi", "number", "time", "rows", "confirm"]
    help: str = ""
    example: str = ""
    options: tuple[Option, ...] = ()
    columns: tuple[PromptColumn, ...] = ()
    required: bool = False
    value: Json = None
    """The answer given before, if any."""
    draft: str = ""
    prefill: Json = None
    prefill_from: str = ""
    """Where the prefilled value was read: ``comment 3, 18:42``."""
    prefill_lacks: str = ""
    """What must be added to the prefilled value before it is an answer; empty when it is one as it is."""
    lint_as: LintSection = "none"
    seconds: int = 0
    number: int = 0
    count: int = 0
    """``number`` of ``count`` on the present path."""
    title: str = ""
    step: int | None = None
    """Of a walk-back screen: 0 (the hand-over) to 8 (design)."""
    safeguards: tuple[str, ...] = ()
    """Names of the nearest safeguards, to offer on a walk-back screen."""


@dataclass(frozen=True, slots=True)
class InvestigationView:
    """Everything the retrospective screen shows."""

    investigation: Investigation
    prompt: PromptView | None
    """None when the script has nothing more to ask."""
    prompts: tuple[PromptView, ...]
    """All prompts of the present path in order, for jumping; only ``prompt`` has what is prefilled."""
    violations: tuple[Violation, ...]
    seconds_budget: int
    next_promise_due: datetime | None = None
