"""What a sentence may cite: facts of the case, findings, safeguards; and the codes."""

from __future__ import annotations

from datetime import tzinfo

from triage.model.clean_text import clean, clean_line
from triage.model.investigation import Investigation, InvestigationView
from triage.tui.safe_text import content
from triage.tui.screens.runner.pick import Choice


def citable(one: Investigation, zone: tzinfo) -> list[Choice]:
    """Facts first, in time; then findings and safeguards."""
    facts = [
        _choice(event.id, f"{event.at.astimezone(zone):%d %b %H:%M}  {event.kind:<14}", event.text)
        for event in one.timeline
    ]
    findings = [_choice(finding.id, finding.kind, finding.text) for finding in one.findings]
    safeguards = [_choice(safeguard.id, "safeguard", safeguard.name) for safeguard in one.safeguards]
    return [*facts, *findings, *safeguards]


def _choice(name: str, kind: str, text: str) -> Choice:
    return Choice(
        name,
        content((f"{clean_line(name):<5}", "accent"), (f"{clean(kind)}  ", "muted"), (clean_line(text), "")),
    )


def codes(view: InvestigationView) -> list[Choice]:
    """The codes, as the question about the code offers them."""
    asked = next((prompt for prompt in view.prompts if prompt.id == "Q23"), None)
    if asked is None:
        return []
    return [Choice(option.value, content((clean_line(option.label), ""))) for option in asked.options]
