"""Two windows on one investigation: what either gives or has begun is seen by both, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.shop import Shop
from tests.retrospective.threads import group_rename
from triage.desk.investigation_desk import InvestigationDesk
from triage.model.errors import Stopped
from triage.model.investigation import Investigation
from triage.store.database import Database

PROMPTS = ("K1", "K4", "K6", "Q2", "Q3")
Deed = tuple[int, str, str, str]
"""Which window, what it does (answer, draft, park), at which prompt, and the words."""

_words = st.text(
    st.characters(categories=("L", "N", "Zs"), include_characters="äß😀é"), min_size=1, max_size=40
)
_deeds = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from(("answer", "draft", "park")), st.sampled_from(PROMPTS), _words
    ),
    min_size=1,
    max_size=8,
)


async def _windows(
    folder: Path,
) -> tuple[Shop, tuple[InvestigationDesk, InvestigationDesk], str, list[Database]]:
    """Two desks over one file, each with a connection and a thread of its own."""
    address = f"sqlite:///{folder / 'triage.db'}"
    databases = [await Database.open(address), await Database.open(address)]
    first, second = Shop(databases[0]), Shop(databases[1])
    facts = group_rename()
    await first.pull(facts)
    name = (await first.investigations.open(facts.ticket.id, "full")).investigation.id
    return first, (first.investigations, second.investigations), name, databases


async def _do(desk: InvestigationDesk, name: str, deed: Deed) -> None:
    _, what, prompt, words = deed
    if what == "answer":
        await desk.answer(name, prompt, words)
    elif what == "draft":
        await desk.save_draft(name, prompt, words)
    else:
        await desk.park_fix(name, words)


async def _play(
    deeds: list[Deed], *, at_once: bool
) -> tuple[Investigation, Investigation, list[tuple[str, str]]]:
    """What both windows show after ``deeds``, and every word in the docket beside its prompt."""
    with tempfile.TemporaryDirectory() as folder:
        shop, desks, name, databases = await _windows(Path(folder))
        try:
            if at_once:
                sides = [[deed for deed in deeds if deed[0] == side] for side in (0, 1)]
                await asyncio.gather(*(_one_after_another(desks[side], name, sides[side]) for side in (0, 1)))
            else:
                for deed in deeds:
                    await _do(desks[deed[0]], name, deed)
            seen = [(await desk.view(name)).investigation for desk in desks]
            held = await shop.parts.docket.entries(subject="investigation", subject_id=name)
            told = [
                (str(one.data.get("prompt", "")), str(one.data.get("value", one.data.get("text", ""))))
                for one in held
            ]
            return seen[0], seen[1], told
        finally:
            for one in databases:
                await one.close()


async def _one_after_another(desk: InvestigationDesk, name: str, deeds: list[Deed]) -> None:
    for deed in deeds:
        while True:
            try:
                await _do(desk, name, deed)
                break
            except Stopped:
                # Said at once, and what was typed still stands in the field: the person gives it again.
                continue


def _kept(deed: Deed) -> tuple[str, str]:
    """How the docket has the words of ``deed``: answers and ideas without blanks at their ends."""
    _, what, prompt, words = deed
    return ("" if what == "park" else prompt, words if what == "draft" else words.strip())


def _sensible(deeds: list[Deed]) -> list[Deed]:
    return [deed for deed in deeds if deed[3].strip()]


@pytest.mark.parametrize("at_once", [False, True], ids=["by turns", "at once"])
@settings(max_examples=int(os.environ.get("TRIAGE_TWO_WINDOWS", "4")), deadline=None)
@given(_deeds)
def test_neither_window_loses_a_letter_and_both_show_the_same(at_once: bool, deeds: list[Deed]) -> None:
    deeds = _sensible(deeds)
    one, other, told = asyncio.run(_play(deeds, at_once=at_once))
    assert one == other
    assert all(_kept(deed) in told for deed in deeds)
    for side in (0, 1):
        own = [_kept(deed) for deed in deeds if deed[0] == side]
        assert _in_order(own, told)
    if not at_once:
        last = {deed[2]: deed[3].strip() for deed in deeds if deed[1] == "answer"}
        assert {prompt: one.answers.get(prompt) for prompt in last} == last
    assert sorted(one.parked_fixes) == sorted({deed[3].strip() for deed in deeds if deed[1] == "park"})


def _in_order(own: list[tuple[str, str]], told: list[tuple[str, str]]) -> bool:
    rest = iter(told)
    return all(any(kept == here for here in rest) for kept in own)
