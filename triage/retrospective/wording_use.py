"""How often each wording rule speaks, is heeded and is silenced: a rule that scolds is worse than none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.model.case import CaseFacts
from triage.model.entry import Entry
from triage.model.investigation import Investigation
from triage.model.json_value import Json
from triage.retrospective import script, wording, wording_check
from triage.retrospective.wording import wording_rules

ENOUGH_HITS = 20
SILENCED_TOO_OFTEN = 0.2
FEWEST_SILENCED = int(ENOUGH_HITS * SILENCED_TOO_OFTEN) + 1
"""So many times somebody must have decided against a rule: one long text is no vote."""


@dataclass(frozen=True, slots=True)
class RuleUse:
    """One rule's record over every investigation on this machine."""

    rule: str
    flags: str
    hits: int
    """Places it has spoken about: those that stand, and those that were written anew since."""
    accepted: int
    """Of these, written anew without it."""
    silenced: int
    demote: bool
    """People silence it so often that it should only inform."""
    at_rest_since: datetime | None = None
    """Since when it does only inform."""


def use_of(
    written: Iterable[tuple[Investigation, CaseFacts, Sequence[Entry]]],
    resting: Mapping[str, datetime] | None = None,
    woken: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[RuleUse, ...]:
    """Every rule with what became of its hits, in the order of the rules.

    ``resting`` are the rules at rest; ``woken`` those that a person woke, with their hits and how many of
    them had been silenced by then: only what came after counts against them.
    """
    stand: Counter[str] = Counter()
    rested: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for investigation, facts, entries in written:
        for place, hit in wording_check.every_hit(investigation, facts):
            stand[hit.rule] += 1
            rested[hit.rule] += f"{place.prompt_id}:{hit.rule}" in investigation.silenced
        accepted.update(rule for rule, _, _ in _written_anew(investigation, facts, entries))
    flags: dict[str, str] = {}
    for rule in wording_rules():
        flags.setdefault(rule.id, rule.flags)
    uses = []
    for rule_id, text in flags.items():
        hits, silenced = stand[rule_id] + accepted[rule_id], rested[rule_id]
        before = (woken or {}).get(rule_id, (0, 0))
        demote = too_often(hits - before[0], silenced - before[1])
        since = (resting or {}).get(rule_id)
        uses.append(RuleUse(rule_id, text, hits, accepted[rule_id], silenced, demote, since))
    return tuple(uses)


def too_often(hits: int, silenced: int) -> bool:
    """Whether a rule with this record is in the way more than it helps."""
    return hits >= ENOUGH_HITS and silenced > SILENCED_TOO_OFTEN * hits


def _written_anew(
    investigation: Investigation, facts: CaseFacts, entries: Sequence[Entry]
) -> set[tuple[str, str, str]]:
    """Rule, prompt and words of every hit in an earlier version that the present answer is without."""
    names = wording.names_of(facts)
    said: set[tuple[str, str, str]] = set()
    now: set[tuple[str, str, str]] = set()
    for entry in entries:
        prompt = script.known().get(str(entry.data.get("prompt", "")))
        if prompt is None or prompt.lint_as == "none":
            continue
        value = {"answer.given": "value", "answer.drafted": "text"}.get(entry.kind)
        for text in _texts(entry.data.get(value)) if value else ():
            said |= {
                (hit.rule, prompt.id, hit.text.casefold())
                for hit in wording.hits(text, prompt.lint_as, names)
            }
    for prompt_id, answer in investigation.answers.items():
        for text in _texts(answer):
            now |= {one for one in said if one[1] == prompt_id and one[2] in text.casefold()}
    return {one for one in said - now if one[1] in investigation.answers}


def _texts(value: Json) -> Iterator[str]:
    """Every text in an answer, however deep; what the ticket said is left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if not value.get("imported"):
            for cell in value.values():
                yield from _texts(cell)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
