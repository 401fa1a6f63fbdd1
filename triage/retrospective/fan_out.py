"""What to tell whom once it is adopted: one text for each distance from the customer.

The nearer, the more of the case; the farther, the more of the class of problem. The account team is nearest,
engineering is told about the class and never about the customer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from triage.model.clean_text import clean_line
from triage.model.errors import Stopped
from triage.model.investigation import Investigation, Recommendation
from triage.retrospective import cause_sentence, codes
from triage.retrospective.recommendation_status import CONFIRMED, DONE, OPEN

DISTANCES = ("account", "support", "docs and advocacy", "product and engineering")


def fan_out(it: Investigation, names: Sequence[str] = ()) -> Mapping[str, str]:
    """A text for each of `DISTANCES`. ``names`` (people, the customer) never reach the farthest one.

    Raises `Stopped` before it is adopted: nothing is told that may still change.
    """
    if it.adopted_at is None:
        raise Stopped(f"{it.id} is not adopted", do="What may still change is not told around")
    if it.visibility == "restricted":
        do = "triage investigate TICKET --set visibility=internal, if that is agreed"
        raise Stopped(f"{it.id} is restricted to its parties", do=do)
    nameless = [without_names(one, (*names, it.customer)) for one in _engineering(it)]
    texts = (_account(it), _support(it), _docs(it), nameless)
    return {where: "\n".join(lines) for where, lines in zip(DISTANCES, texts, strict=True)}


def _account(it: Investigation) -> list[str]:
    firm = [one for one in it.recommendations if one.status in DONE or (one.status in CONFIRMED and one.due)]
    owed = [one for one in it.promises if one.met_at is None and not one.withdrawn]
    lines = [f"{it.customer or 'The customer'}, {it.ticket_key}: {_sentence(it.impact)}"]
    lines += [f"Under way or done: {_sentence(one.text)}{_by(one)}" for one in firm]
    lines += [f"Still promised: {one.kind.replace('_', ' ')} by {one.due:%d %b %H:%M} UTC." for one in owed]
    return [*lines, "Promise nothing beyond this; ask for a date first."]


def _support(it: Investigation) -> list[str]:
    lines = [_class_of(it), cause_sentence.shown(it, citations=False)]
    if it.one_sentence:
        lines.append(f"When it comes again: {_sentence(it.one_sentence)}")
    if it.classification.recurrence_of:
        lines.append(f"Seen before: {', '.join(it.classification.recurrence_of)}.")
    return [*lines, f"All of it: triage report {it.id}"]


def _docs(it: Investigation) -> list[str]:
    taught = [one for one in it.recommendations if one.aim in {"educate", "mitigate"}]
    lines = [_class_of(it)]
    if it.customer_words:
        lines.append(f"In a customer's words: “{clean_line(it.customer_words)}”")
    lines += [f"Wanted: {_sentence(one.text)} ({clean_line(one.addressee)}){_by(one)}" for one in taught]
    return lines if taught else [*lines, "Nothing is wanted of you but to know."]


def _engineering(it: Investigation) -> list[str]:
    causes = set(cause_sentence.cited(it).causes)
    built = [one for one in it.recommendations if one.aim in {"prevent", "detect"}]
    lines = [_class_of(it)]
    lines += [f"Condition: {_sentence(one.text)}" for one in it.findings if one.id in causes]
    lines += [f"Asked for: {_sentence(one.text)} [{one.status}]{_by(one)}" for one in built]
    return [*lines, f"Also unknown: {_sentence(it.not_known)}" if it.not_known else "Nothing else is open."]


def _class_of(it: Investigation) -> str:
    code = codes.code(it.classification.code)
    flags = " It is chronic." if it.classification.chronic else ""
    where = f" in {clean_line(it.component)}" if it.component else ""
    return f"Class of problem: {code.name} ({code.id}){where}: {code.definition}.{flags}"


def _sentence(text: str) -> str:
    line = clean_line(text).rstrip(".")
    return f"{line}." if line else ""


def _by(one: Recommendation) -> str:
    return f" By {one.due:%d %b %Y}." if one.due and one.status in OPEN else ""


def without_names(text: str, names: Sequence[str]) -> str:
    """``text`` with each of ``names`` replaced by ``a customer``."""
    known = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
    if not known:
        return text
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)")
    return pattern.sub("a customer", text)
