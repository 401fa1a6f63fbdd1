"""Wording that blames or judges, found while it is typed.

Sixteen rules, each with the sections it applies to, kept as patterns in ``wording.yaml``. Quotations, code
and quoted lines are exempt: they are what somebody said, not what we say; so is what only denies blame. Why
wording matters: agentive descriptions of an accident raise blame and damages even for those who saw it
(Fausey and Boroditsky, 2010); "should have" explains nothing (Dekker).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from triage.model.case import CaseFacts
from triage.model.investigation import LintSection, WordingHit
from triage.retrospective import strict_yaml
from triage.retrospective.wording_rest import is_at_rest

FILE = Path(__file__).with_name("wording.yaml")
SECTIONS: tuple[LintSection, ...] = ("fact", "analysis", "finding", "cause", "recommendation")
READ_LIMIT = 20_000
_NAME_MARK = "\ue000"
_ORDINARY_WORDS = frozenset({
    "art", "bill", "chase", "chance", "clay", "dale", "dawn", "dean", "drew", "faith", "frank", "grace",
    "grant", "guy", "hope", "jack", "joy", "lane", "mark", "max", "may", "miles", "page", "pat",
    "price", "ray", "reed", "rich", "rose", "ruby", "rusty", "sandy", "skip", "sky", "star", "summer",
    "sunny", "sue", "wade", "will",
})  # fmt: skip
"""Names that are words as well: only capitalised in mid-sentence do they count as names."""
_NOT_NAMES = frozenset({
    "support", "system", "helpdesk", "engineering", "team", "tier", "customer", "agent", "admin", "bot",
    "automation", "trigger", "the", "and",
})  # fmt: skip

_EXEMPT = re.compile(
    r"^[ \t]*(?:>|&gt;)[^\n]*$|``[^`\n]+``|`[^`\n]+`"
    r"|^[ \t]*(?P<fence>```|~~~)[^\n]*\n.*?(?:^[ \t]*(?P=fence)[ \t]*$|\Z)"
    r"|“[^”]*”|„[^“”\n]*[“”]|\"[^\"\n]*\"|«[^»]*»|‹[^›\n]*›|<(?P<tag>code|pre|blockquote)>.*?</(?P=tag)>"
    r"|(?<![\w'])'(?:[^'\n]|'(?=\w)){2,200}'(?!\w)|‘(?:[^’\n]|’(?=\w)){2,200}’(?!\w)",
    re.MULTILINE | re.DOTALL,
)


_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?!\s*\n))+")


@dataclass(frozen=True, slots=True)
class WordingRule:
    """One rule: what it flags, where, and what to write instead."""

    id: str
    level: Literal["error", "warning", "info"]
    sections: frozenset[str]
    flags: str
    suggestion: str
    patterns: tuple[re.Pattern[str], ...]


@cache
def wording_rules() -> tuple[WordingRule, ...]:
    """The rules in the order of their numbers; a rule with two levels comes as two."""
    document = strict_yaml.read(FILE.read_text("utf-8"), FILE.name)
    data = cast("Mapping[str, Any]", document.data)
    words = _expanded(data["words"])
    return tuple(
        WordingRule(
            one.get("shown_as", one["id"]),
            one["level"],
            frozenset(one.get("sections", SECTIONS)),
            one["flags"],
            one["suggestion"],
            tuple(re.compile(_expand(pattern, words), re.MULTILINE) for pattern in one["patterns"]),
        )
        for one in data["rules"]
    )


@cache
def _denials() -> re.Pattern[str]:
    """What only denies blame or names a thing, in lower case: blank for every rule."""
    data = cast("Mapping[str, Any]", strict_yaml.read(FILE.read_text("utf-8"), FILE.name).data)
    words = _expanded(data["words"])
    return re.compile("|".join(_expand(pattern, words) for pattern in data["exempt"]))


def _expanded(words: Mapping[str, str]) -> dict[str, str]:
    done: dict[str, str] = {}
    for name, pattern in words.items():
        done[name] = _expand(pattern, done)
    return done


def _expand(pattern: str, words: Mapping[str, str]) -> str:
    for name, text in words.items():
        pattern = pattern.replace(f"{{{name}}}", text)
    return pattern


def hits(text: str, section: LintSection, names: Sequence[str] = ()) -> tuple[WordingHit, ...]:
    """Every place in ``text`` that blames or judges, in order, as a text of ``section``.

    ``names`` are the people of the ticket (`names_of`). Where two rules flag the same words, both are told.
    """
    if section == "none" or not text.strip():
        return ()
    readable = _masked(text[:READ_LIMIT], tuple(names))
    rules = wording_rules()
    found: list[WordingHit] = []
    for paragraph in _PARAGRAPH.finditer(readable):
        for rule, start, end in _flagged(paragraph[0], section, rules):
            place = slice(paragraph.start() + start, paragraph.start() + end)
            level = "info" if is_at_rest(rule.id) else rule.level
            found.append(WordingHit(rule.id, level, place.start, place.stop, text[place], rule.suggestion))
    return tuple(sorted(found, key=lambda hit: (hit.start, hit.rule)))


@lru_cache(maxsize=512)
def _flagged(
    paragraph: str, section: LintSection, rules: tuple[WordingRule, ...]
) -> tuple[tuple[WordingRule, int, int], ...]:
    """What ``rules`` flag in one masked paragraph; kept, for typing changes one paragraph at a time."""
    found: dict[tuple[str, int, int], tuple[WordingRule, int, int]] = {}
    for rule in rules:
        if section in rule.sections:
            for match in (hit for pattern in rule.patterns for hit in pattern.finditer(paragraph)):
                start = match.start() + len(match[0]) - len(match[0].lstrip(" \t\n.;:,"))
                found.setdefault((rule.id, match.start(), match.end()), (rule, start, match.end()))
    return tuple(one for one in found.values() if not _is_softer_twin(one, found.values()))


def _is_softer_twin(
    one: tuple[WordingRule, int, int], found: Collection[tuple[WordingRule, int, int]]
) -> bool:
    """Whether the sterner level of the same rule flags the same words: that one holds."""
    rule, start, end = one
    return rule.level != "error" and any(
        other.id == rule.id and other.level == "error" and begins < end and start < ends
        for other, begins, ends in found
    )


def _masked(text: str, names: tuple[str, ...]) -> str:
    """``text`` in lower case, every character in its place: quotations blank, each name one person."""
    text = _EXEMPT.sub(lambda quoted: " " * len(quoted[0]), text)
    if names:
        text = _name_pattern(names).sub(_mask_name, text)
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(char.lower()[0] for char in text)
    return _denials().sub(lambda denied: "\ue001" * len(denied[0]), lower)


def _mask_name(match: re.Match[str]) -> str:
    word = match[0]
    before = match.string[: match.start()].rstrip(" ")
    if word.lower() in _ORDINARY_WORDS and (not before or before[-1] in ".!?:;\n"):
        return word
    return _NAME_MARK * len(word)


@lru_cache(maxsize=64)
def _name_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
    if not longest_first:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def names_of(facts: CaseFacts) -> tuple[str, ...]:
    """The names of people on the ticket, whole and in parts; organizations and roles are not people."""
    people = {facts.ticket.requester, facts.ticket.assignee}
    people |= {event.actor for event in facts.timeline if event.actor_role != "helpdesk"}
    names: set[str] = set()
    for person in people:
        plain = re.sub(r"\([^)]*\)|<[^>]*>", " ", person).strip()
        if not plain or plain == facts.ticket.customer:
            continue
        names.add(plain)
        names.update(_parts(plain))
    return tuple(sorted(name for name in names if name.lower() not in _NOT_NAMES and not name.isdigit()))


def _parts(name: str) -> Iterable[str]:
    local = name.partition("@")[0]
    return [part for part in re.split(r"[\s._]+", local) if len(part) > 2 and part[0].isupper()]
