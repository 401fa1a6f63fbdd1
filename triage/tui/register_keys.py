"""The way to the registers, by the same keys from every screen that stands on a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from textual.screen import Screen

    from triage.tui.shell import Shell

REGISTER_KEYS: list[BindingType] = [
    Binding("F", "recommendations", "follow recommendations", show=False, id="register.recommendations"),
    Binding("E", "enhancements", "enhancement cases", show=False, id="register.enhancements"),
]
"""Capital letters lead to other lists, as O does to the outbox."""


def open_recommendations(app: Shell, typed: str = "", *, at: str = "") -> None:
    """The register, filtered by ``typed``, with the cursor on the first line of ticket ``at``."""
    from triage.tui.screens.registers.recommendations import RecommendationsScreen

    app.push_screen(RecommendationsScreen(typed, at=at))


def open_enhancements(app: Shell, *, source: str = "") -> None:
    """The enhancement cases; ``source`` is the ticket that opening one begins from."""
    from triage.tui.screens.registers.enhancements import EnhancementsScreen

    app.push_screen(EnhancementsScreen(source=source))


FOLLOWING = frozenset({"parties", "recommendation", "enhancement"})


def following(kind: str, name: str) -> Screen[None]:
    """The page of what an investigation has led to; ``kind`` is one of `FOLLOWING`."""
    if kind == "parties":
        from triage.tui.screens.retrospective.parties import PartiesScreen

        return PartiesScreen(name)
    if kind == "recommendation":
        from triage.tui.screens.registers.recommendation import RecommendationScreen

        return RecommendationScreen(name)
    from triage.tui.screens.registers.enhancement import EnhancementScreen

    return EnhancementScreen(name)


async def open_wish(app: Shell, investigation_id: str) -> None:
    """The enhancement case that came of an investigation; the list, ready to open one, where none did."""
    from triage.tui.screens.registers.enhancement import EnhancementScreen
    from triage.tui.screens.registers.enhancements import EnhancementsScreen

    held = await app.desk.enhancements.of_investigation(investigation_id)
    if held:
        app.push_screen(EnhancementScreen(held[0].id))
    else:
        app.push_screen(EnhancementsScreen(source=investigation_id))
        app.say(f"No enhancement case came of {investigation_id} yet: n opens one.")
