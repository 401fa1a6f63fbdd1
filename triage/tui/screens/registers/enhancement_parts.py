"""Asking for one part of an enhancement case: screen, quantify, value, bundle, recruit."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from triage.model.enhancement import LEVELS, EnhancementCase
from triage.model.errors import Invalid
from triage.tui.screens.ask import AskScreen
from triage.tui.screens.choice import Choice, ChoiceScreen

if TYPE_CHECKING:
    from triage.tui.shell import Shell

_ALIGNED = (
    Choice("yes", "yes", "it fits where the product goes", "y"),
    Choice("no", "no", "it does not: it is screened out, and those who asked are told", "n"),
    Choice("unknown", "not known yet", "somebody has to be asked", "u"),
)
_LEVEL_WORDS = {
    "one_admin": "one administrator is bothered",
    "one_customer": "one customer's business is",
    "several_large_customers": "several large customers are",
}
_MONEY = re.compile(r"(?:([A-Za-z]{3})\s*)?(\d[\d ,.']*)\s*([A-Za-z]{3})?")
_COUNTS = re.compile(r"(\d{1,6})\s*votes?(?:\D+(\d{1,6})\s*comments?)?", re.IGNORECASE)


async def ask_part(app: Shell, it: EnhancementCase, number: int) -> bool:
    """Asks for part ``number`` of ``it``, from 1, and writes it down; whether anything was written."""
    return await (_screen, _quantify, _value, _bundle, _recruit)[number - 1](app, it)


async def _screen(app: Shell, it: EnhancementCase) -> bool:
    said = await app.push_screen_wait(ChoiceScreen("Does it fit where the product goes?", _ALIGNED))
    if said is None:
        return False
    note = ""
    if said != "unknown":
        answered = await _line(app, "Why?", "what shows that it does, or does not", it.note)
        if answered is None:
            return False
        note = answered
    await app.desk.enhancements.screen(it.id, said, note)
    return True


async def _quantify(app: Shell, it: EnhancementCase) -> bool:
    question = f"How many would use it? {it.asked_by} ask for it now."
    expected = await _line(app, question, "a number", str(it.expected or ""), _whole)
    if expected is None:
        return False
    basis = await _line(
        app, "What was that counted or guessed from?", "customers with the same setup", it.basis
    )
    if basis is None:
        return False
    await app.desk.enhancements.quantify(it.id, int(expected), basis)
    return True


async def _value(app: Shell, it: EnhancementCase) -> bool:
    risk = await _line(app, "What is lost without it?", "what breaks, who leaves, what it costs", it.risk)
    if risk is None:
        return False
    levels = [
        Choice(level, level.replace("_", " "), _LEVEL_WORDS[level], str(n))
        for n, level in enumerate(LEVELS, 1)
    ]
    level = await app.push_screen_wait(ChoiceScreen("For whom?", levels))
    if level is None:
        return False
    held = f"{it.currency} {it.revenue_at_risk}" if it.revenue_at_risk is not None else ""
    money = await _line(
        app, "Revenue at risk?", "EUR 410000; empty where it is not known", held, _money_or_none
    )
    if money is None:
        return False
    amount, currency = _money(money)
    await app.desk.enhancements.value(it.id, risk, level, amount, currency)
    return True


async def _bundle(app: Shell, it: EnhancementCase) -> bool:
    desk = app.desk.enhancements
    near = {one.id for one in await desk.alike(it.id)}
    others = [one for one in await desk.list() if one.id != it.id]
    others.sort(key=lambda one: (one.id not in it.bundle, one.id not in near, one.id))
    if not others:
        app.say("There is no other enhancement case to bundle it with.")
        return False
    choices = [
        Choice(one.id, one.id, f"{_together(one, it, near)}{one.title}", str(n) if n < 10 else "")
        for n, one in enumerate(others, 1)
    ]
    picked = await app.push_screen_wait(ChoiceScreen("Which would the same work answer?", choices))
    if picked is None:
        return False
    bundle = [one for one in it.bundle if one != picked] if picked in it.bundle else [*it.bundle, picked]
    await desk.bundle(it.id, bundle)
    return True


def _together(one: EnhancementCase, it: EnhancementCase, near: set[str]) -> str:
    if one.id in it.bundle:
        return "bundled; takes it out · "
    return "alike · " if one.id in near else ""


async def _recruit(app: Shell, it: EnhancementCase) -> bool:
    forum = await _line(
        app, "Where can customers say that they want it too?", "https://community.example/…", it.forum
    )
    if forum is None:
        return False
    held = f"{it.votes} votes, {it.comments} comments"
    counts = await _line(app, "How many have?", "14 votes, 6 comments", held, _counted)
    if counts is None:
        return False
    await app.desk.enhancements.recruit(it.id, forum, *_counts(counts))
    return True


async def _line(
    app: Shell, question: str, hint: str, start: str, check: Callable[[str], None] | None = None
) -> str | None:
    return await app.push_screen_wait(AskScreen(question, hint, check or _some, start=start))


def _some(text: str) -> None:
    if not text:
        raise Invalid("nothing is typed yet")


def _whole(text: str) -> None:
    if not text.isdecimal():
        raise Invalid("a whole number is needed")


def _money_or_none(text: str) -> None:
    if text and _money(text)[0] is None:
        raise Invalid("an amount with its currency is needed", do="EUR 410000")


def _money(text: str) -> tuple[int | None, str]:
    """The amount and its currency; nothing where either is missing."""
    found = _MONEY.fullmatch(text.strip())
    currency = (found[1] or found[3] or "") if found else ""
    if found is None or not currency:
        return None, ""
    return int(re.sub(r"\D", "", found[2])), currency.upper()


def _counted(text: str) -> None:
    if _COUNTS.search(text) is None:
        raise Invalid("the votes are needed", do="14 votes, 6 comments")


def _counts(text: str) -> tuple[int, int]:
    found = _COUNTS.search(text)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
