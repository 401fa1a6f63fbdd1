"""When a prompt is not asked: the conditions that a script may name in ``skip_if``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from triage.model.investigation import Investigation
from triage.retrospective import codes
from triage.retrospective.script import Prompt

Condition = Callable[[Prompt, Investigation], bool]


def _change_before_contact(prompt: Prompt, it: Investigation) -> bool:
    contact = min((one.at for one in it.timeline if one.kind == "contact"), default=None)
    return contact is not None and any(one.kind == "change" and one.at < contact for one in it.timeline)


def _no_excuse(prompt: Prompt, it: Investigation) -> bool:
    return it.classification.excuse_claimed == "none"


def climbed(it: Investigation) -> codes.Climb:
    """Where the ladder stands for this investigation."""
    given = {name: str(value) for name, value in it.answers.items() if name[0] == "L"}
    return codes.climb(it.resolvable, given, excuse=it.classification.excuse_claimed)


def _off_the_ladder(prompt: Prompt, it: Investigation) -> bool:
    """Asked only where the ladder leads there, and no more once a code is kept without it."""
    if it.classification.code and prompt.id not in it.answers:
        return True
    return prompt.id not in climbed(it).asked


def _not_a_prospect(prompt: Prompt, it: Investigation) -> bool:
    return it.relationship != "prospect"


def _not_held_back(prompt: Prompt, it: Investigation) -> bool:
    coded = {it.classification.code, *(one.code for one in it.findings)}
    return "B6.4" not in coded and it.classification.excuse_claimed != "unsupported_release"


def _no_wish(prompt: Prompt, it: Investigation) -> bool:
    wanted = it.classification.code.startswith("B4.") or it.relationship == "prospect"
    return not wanted and not it.enhancement


CONDITIONS: Mapping[str, Condition] = {
    "change_before_contact": _change_before_contact,
    "no_excuse": _no_excuse,
    "off_the_ladder": _off_the_ladder,
    "not_a_prospect": _not_a_prospect,
    "no_wish": _no_wish,
    "not_held_back": _not_held_back,
}


def skipped(prompt: Prompt, it: Investigation) -> bool:
    """Whether ``prompt`` is not asked in this investigation."""
    return bool(prompt.skip_if) and CONDITIONS[prompt.skip_if](prompt, it)
