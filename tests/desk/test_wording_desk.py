"""A wording rule that people keep silencing goes to rest by itself, and can be woken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.desk.shop import Shop
from tests.retrospective.threads import group_rename
from triage.desk.wording_desk import WordingDesk
from triage.docket.rebuild import rebuild
from triage.model.errors import Invalid, NotFound
from triage.retrospective import wording_rest
from triage.store.database import Database
from triage.store.rested_rules import rested_rules

RULE = "L16"
HIT = "It was removed by mistake."
PLACES = ("K4", "K5", "K6", "Q2", "QP")


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    shop = Shop(database)
    yield shop
    await database.close()
    wording_rest.put_at_rest(())


async def silenced_by(shop: Shop, places: tuple[str, ...]) -> str:
    """An investigation with 21 hits of `RULE`, one in each of `PLACES`, silenced in ``places``."""
    facts = group_rename()
    await shop.pull(facts)
    name = (await shop.investigations.open(facts.ticket.id, "full")).investigation.id
    await shop.investigations.answer(name, "K1", f"{HIT} " * 16)
    for place in PLACES:
        await shop.investigations.answer(name, place, HIT)
    for place in places:
        await shop.investigations.silence(name, place, RULE, "the log says so")
    return name


async def test_a_rule_silenced_too_often_only_informs_and_says_so(shop: Shop) -> None:
    name = await silenced_by(shop, PLACES[:-1])
    desk = WordingDesk(shop.parts)
    level = {hit.level for hit in await shop.investigations.wording(HIT, "analysis", name)}
    assert level == {"warning"}
    await shop.investigations.silence(name, PLACES[-1], RULE, "the log says so")
    assert {hit.level for hit in await shop.investigations.wording(HIT, "analysis", name)} == {"info"}
    [used] = [one for one in await desk.use() if one.at_rest_since]
    assert (used.rule, used.hits, used.silenced, used.at_rest_since) == (RULE, 21, 5, shop.clock)
    told = [one for one in await shop.parts.docket.entries() if one.subject == "wording"]
    assert [(one.kind, one.subject_id, dict(one.data)) for one in told] == [
        ("wording.rested", RULE, {"hits": 21, "silenced": 5})
    ]
    await rebuild(shop.parts.database, now=shop.parts.now)
    assert list(await shop.parts.database.read(rested_rules)) == [RULE]


async def test_one_that_was_woken_speaks_again_and_stays_awake(shop: Shop) -> None:
    name = await silenced_by(shop, PLACES)
    desk = WordingDesk(shop.parts)
    assert (await desk.wake(RULE.lower())).at_rest_since is None
    assert {hit.level for hit in await shop.investigations.wording(HIT, "analysis", name)} == {"warning"}
    await shop.investigations.silence(name, "K1", RULE, "the log says so")
    assert [one for one in await desk.use() if one.at_rest_since or one.demote] == []
    with pytest.raises(Invalid, match="L16 is not at rest"):
        await desk.wake(RULE)
    with pytest.raises(NotFound, match="no wording rule L99"):
        await desk.wake("L99")


def test_rules_at_rest_change_all_at_once() -> None:
    wording_rest.put_at_rest([RULE])

    def next_rules() -> Iterator[str]:
        assert wording_rest.at_rest() == (RULE,)
        yield "L06"
        assert wording_rest.is_at_rest(RULE)
        yield "L07"

    try:
        wording_rest.put_at_rest(next_rules())
        assert wording_rest.at_rest() == ("L06", "L07")
    finally:
        wording_rest.put_at_rest(())
