"""Keeping what is typed, apart from any screen."""

from __future__ import annotations

from typing import Any, cast

import pytest

from triage.model.errors import Invalid
from triage.tui.screens.runner.draft import KEEP_AFTER, DraftKeeper


class Clockwork:
    """A screen that only remembers which timers were asked for."""

    def __init__(self) -> None:
        self.timers: list[float] = []

    def set_timer(self, delay: float, _callback: Any) -> object:
        self.timers.append(delay)
        return object()


class Shelf:
    """Where texts are saved, unless it is told to refuse."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []
        self.told: list[str] = []
        self.refuses = False

    async def save(self, slot: str, text: str) -> None:
        if self.refuses:
            raise Invalid("the disk is full")
        self.kept.append((slot, text))


def a_keeper() -> tuple[DraftKeeper, Shelf, Clockwork]:
    shelf, screen = Shelf(), Clockwork()
    return DraftKeeper(cast("Any", screen), shelf.save, shelf.told.append), shelf, screen


async def test_typing_on_does_not_put_the_saving_off() -> None:
    keeper, shelf, screen = a_keeper()
    for text in ("a", "ab", "abc"):
        keeper.typed("K3", text)
    assert screen.timers == [KEEP_AFTER]
    assert KEEP_AFTER < 1
    await keeper.flush()
    assert shelf.kept == [("K3", "abc")]
    assert shelf.told[-1] == "saved"


async def test_what_arrives_after_the_answer_is_old_until_the_question_is_on_screen_again() -> None:
    keeper, _, _ = a_keeper()
    keeper.typed("K3", "log")
    await keeper.give("K3")
    assert not keeper.unsaved
    keeper.typed("K3", "log late")
    assert not keeper.unsaved
    keeper.reopen("K3")
    keeper.typed("K3", "again")
    assert keeper.unsaved


async def test_a_save_that_fails_keeps_the_text_and_says_so() -> None:
    keeper, shelf, _ = a_keeper()
    shelf.refuses = True
    keeper.typed("K3", "log")
    with pytest.raises(Invalid):
        await keeper.flush()
    assert keeper.unsaved
    assert shelf.told[-1] == "NOT SAVED"
    shelf.refuses = False
    await keeper.flush()
    assert shelf.kept == [("K3", "log")]
