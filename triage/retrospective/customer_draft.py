"""Words for the customer: five lines to copy, never sent from here.

What they could not do, what was found, what was done, what will change and when they hear next, what we
cannot do. `trouble_in` looks for what must not leave: other tickets, names, codes, links, excuses, dates that
nobody confirmed, sentences too long to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from triage.model.case import CaseFacts
from triage.model.clean_text import clean_line
from triage.model.investigation import Investigation
from triage.retrospective import cause_sentence, wording
from triage.retrospective.recommendation_status import CONFIRMED, DONE

RULE = "──── DRAFT – not sent ────"
GRADE_LIMIT = 10.0
_TICKET = re.compile(r"\b[A-Z]{2,10}-\d+\b")
_CODE = re.compile(r"\b[BE]\d(?:\.\d)?\b|\[[EFSR]\d+[^\]]*\]")
_LINK = re.compile(r"https?://\S+")


def customer_draft(investigation: Investigation, facts: CaseFacts, now: datetime) -> str:
    """The draft under its rule, followed by what must be mended before anybody copies it."""
    body = draft_text(investigation, now)
    troubles = trouble_in(body, investigation, facts)
    notes = ["", "Before you copy it:", *(f"- {one}" for one in troubles)] if troubles else []
    return "\n".join([RULE, "", body, "", RULE, *notes]) + "\n"


def draft_text(investigation: Investigation, now: datetime) -> str:
    """The five lines themselves."""
    it = investigation
    lines = [
        _could_not(it),
        _found(it),
        _done(it),
        _will_change(it, now),
        _cannot(it),
    ]
    return "\n".join(one for one in lines if one)


def _could_not(it: Investigation) -> str:
    begun = min((one.at for one in it.timeline if one.kind == "contact"), default=None)
    ended = max((one.at for one in it.timeline if one.kind in {"verify", "fix", "workaround"}), default=None)
    when = ""
    if begun and ended and begun < ended:
        when = f" (from {begun:%d %b %H:%M} to {ended:%d %b %H:%M} UTC)"
    return f"What happened: {_ours(it.impact).rstrip('.')}{when}." if it.impact else "What happened: …"


def _found(it: Investigation) -> str:
    if it.phase == "preliminary":
        return "What we found: we are still looking, and will not guess."
    cited = set(cause_sentence.cited(it).causes)
    causes = [_ours(one.text) for one in it.findings if one.id in cited]
    return f"What we found: {' '.join(causes)}" if causes else ""


def _done(it: Investigation) -> str:
    fixed = next((one for one in reversed(it.timeline) if one.kind in {"fix", "workaround"}), None)
    if fixed is None:
        return ""
    what = "repaired it" if fixed.kind == "fix" else "put a way round it in place"
    return f"What we did: we {what} on {fixed.at:%d %b} at {fixed.at:%H:%M} UTC."


def _will_change(it: Investigation, now: datetime) -> str:
    done = [_ours(one.text).rstrip(".") for one in it.recommendations if one.status in DONE]
    coming = [
        f"{_ours(one.text).rstrip('.')} ({one.due.day} {one.due:%B})"
        for one in it.recommendations
        if one.status in CONFIRMED and one.due is not None
    ]
    words = []
    if done:
        words.append(f"Already done: {'; '.join(done)}.")
    if coming:
        words.append(f"In work: {'; '.join(coming)}.")
    due = min((one.due for one in it.promises if one.state(now) == "open"), default=None)
    if due is not None:
        words.append(f"You hear from us next by {due.day} {due:%B %H:%M} UTC, either way.")
    return f"What will change: {' '.join(words)}" if words else ""


def _cannot(it: Investigation) -> str:
    limits = [one for one in it.promises if one.kind == "cannot_solve_notice" and not one.withdrawn]
    if not limits:
        return ""
    return "What we cannot do: we told you what is not possible today, and we keep to that."


def _ours(text: str) -> str:
    """``text`` on one line, without the clauses that name another ticket, and without codes and links."""
    plain = _LINK.sub("", _CODE.sub("", clean_line(text)))
    clauses = re.split(r"(?<=[;,])\s", plain)
    kept = [one for one in clauses if not _TICKET.search(one)] or [_TICKET.sub("an earlier case", plain)]
    return re.sub(r"\s+([.,;])", r"\1", " ".join(" ".join(kept).split())).rstrip(";, ")


def trouble_in(text: str, investigation: Investigation, facts: CaseFacts) -> tuple[str, ...]:
    """What must be mended before ``text`` is copied, one line each; empty when it is fit to leave."""
    return tuple(_troubles(text, investigation, facts))


def _troubles(text: str, it: Investigation, facts: CaseFacts) -> Iterator[str]:
    names = _others(it, facts)
    for hit in wording.hits(text, "recommendation", names):
        if hit.rule == "L15":
            yield f"it names {hit.text}"
        elif hit.rule == "L07":
            yield f"it makes an excuse: “{hit.text}”"
    for ticket in dict.fromkeys(_TICKET.findall(text)):
        if ticket != it.ticket_key:
            yield f"it names another ticket, {ticket}"
    if link := _LINK.search(text):
        yield f"it holds a link, {link[0]}"
    if code := _CODE.search(text):
        yield f"it holds an internal code, {code[0]}"
    yield from (f"the date {day} is confirmed by nobody" for day in _unconfirmed(text, it))
    level = reading_grade(text)
    if level > GRADE_LIMIT:
        yield f"it reads at school grade {level:.0f}; {GRADE_LIMIT:.0f} is the most: shorten the sentences"


def _others(it: Investigation, facts: CaseFacts) -> Sequence[str]:
    """Every name on the ticket but the customer's own."""
    requester = facts.ticket.requester
    own = {requester, *requester.split()}
    return [name for name in wording.names_of(facts) if name not in own]


def _unconfirmed(text: str, it: Investigation) -> list[str]:
    open_dates = [one.due for one in it.recommendations if one.due and one.status not in CONFIRMED | DONE]
    told = {
        f"{one.due.day} {one.due:%B}" for one in it.recommendations if one.due and one.status in CONFIRMED
    }
    told |= {f"{one.due.day} {one.due:%B}" for one in it.promises}
    days = dict.fromkeys(f"{day.day} {day:%B}" for day in open_dates)
    return [day for day in days if day not in told and re.search(rf"\b{day}\b", text)]


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade (Kincaid et al., 1975), syllables counted by groups of vowels."""
    words = re.findall(r"[A-Za-z']+", text)
    if not words:
        return 0.0
    sentences = max(1, len(re.findall(r"[.!?;:]+(?:\s|$)", text)))
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
