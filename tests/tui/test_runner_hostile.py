"""Text from a ticket or a playbook can neither style, nor steer, nor break these screens.

The net under the gate is taken away here, so that what reaches the terminal shows what the gate let through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_investigations import FakeInvestigations, all_prompts
from tests.tui.fake_playbooks import COMMAND, FakePlaybooks, a_run, all_steps, summary
from tests.tui.screen_text import opened, screen_rows, settled
from triage.model.run import Option, Panel, Suggestion
from triage.model.trust import CommandChange, TrustPage, UsedPlaybook
from triage.tui.app import TriageApp
from triage.tui.screens.playbook_picker import PlaybookPicker
from triage.tui.screens.retrospective.screen import RetrospectiveScreen
from triage.tui.screens.runner.screen import RunnerScreen
from triage.tui.screens.runner.trust import TrustScreen

FOREIGN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
HOSTILE = (
    "[/] [/foo] [red]x[/red] [@click=app.quit()]boo[/] [link=file:///etc/passwd]",
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \x00 bell\x07",
    "\u202eevil\u2066 \u200e left\u200f",
    "lines\none\r\ntwo\ttabs \u2028 sep",
    "W" * 400 + " 图" * 50,
)


def spoiled(thing: Any, text: str) -> Any:
    """``thing`` with every free text in it, however deep, followed by ``text``."""
    if not is_dataclass(thing) or isinstance(thing, type):
        return thing
    changed: dict[str, Any] = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name in ("id", "step_id", "sha256", "digest", "name", "hotkey", "status"):
            continue
        if field.type == "str":
            changed[field.name] = value + text
        elif isinstance(value, tuple):
            changed[field.name] = tuple(
                one + text if isinstance(one, str) else spoiled(one, text) for one in value
            )
        elif isinstance(value, Mapping):
            changed[field.name] = {f"{key}{text}": text for key in value}
        elif is_dataclass(value):
            changed[field.name] = spoiled(value, text)
    return replace(thing, **changed)


def back_to_queue(app: TriageApp) -> None:
    """Every screen above the queue is taken away."""
    while len(app.screen_stack) > 1:
        app.pop_screen()


@pytest.fixture(autouse=True)
def no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard that cleans every line a second time."""
    monkeypatch.setattr(TriageApp, "get_line_filters", App.get_line_filters)


async def look(app: TriageApp, pilot: Pilot[int], *keys: str) -> None:
    """Nothing foreign is on screen, now and after each of ``keys``; the app lives."""
    for key in ["", *keys]:
        if key:
            await pilot.press(key)
        await settled(pilot)
        for row in screen_rows(app):
            assert not FOREIGN.search(row), (key, row)
    assert app.is_running


@pytest.mark.parametrize("text", HOSTILE, ids=("markup", "escapes", "bidi", "lines", "wide"))
async def test_a_hostile_run_is_only_text(text: str) -> None:
    playbooks, desk = FakePlaybooks(steps=tuple(spoiled(step, text) for step in all_steps())), FakeDesk()
    desk.playbooks = playbooks
    panel = spoiled(Panel("failed", "look", "It failed.", "out\n", (Option("retry", "Again"),)), text)
    plain = playbooks.now
    playbooks.now = lambda: spoiled(plain(), text)  # type: ignore[method-assign]
    async with opened(desk, (120, 40)) as (app, pilot):
        for at in range(len(playbooks.steps) + 1):
            playbooks.at = at
            app.push_screen(RunnerScreen("1000", "run-1"))
            keys = {0: ("w", "slash", "escape", "k", "escape"), 5: ("r", "escape", "m", "escape")}
            await look(app, pilot, *keys.get(at, ()))
            back_to_queue(app)
        playbooks.run = {"panel": panel}
        playbooks.at = 0
        app.push_screen(RunnerScreen("1000", "run-1"))
        await look(app, pilot)


@pytest.mark.parametrize("text", HOSTILE, ids=("markup", "escapes", "bidi", "lines", "wide"))
async def test_hostile_memory_and_endings_are_only_text(text: str) -> None:
    desk, playbooks = FakeDesk(), FakePlaybooks()
    desk.playbooks = playbooks
    memory = spoiled(a_run(all_steps(), memory_items=("Do not.",), memory_acknowledged=False), text)
    over = spoiled(a_run(all_steps(), len(all_steps()), root_cause={"statement": "x"}, stale="old"), text)
    async with opened(desk, (80, 24)) as (app, pilot):
        for view in (memory, over):
            playbooks.now = lambda view=view: view  # type: ignore[method-assign,misc]
            app.push_screen(RunnerScreen("1000", "run-1"))
            await look(app, pilot)
            back_to_queue(app)


@pytest.mark.parametrize("text", HOSTILE, ids=("markup", "escapes", "bidi", "lines", "wide"))
async def test_hostile_commands_are_only_text_where_trust_is_given(text: str) -> None:
    desk, playbooks = FakeDesk(), FakePlaybooks()
    desk.playbooks = playbooks

    command = replace(spoiled(COMMAND, text), env={f"IDP{text}": text}, runnable=False)
    playbooks.trust_page = TrustPage(
        "sso", 3, f"p{text}", "0" * 64, "none", (command,),
        CommandChange(2, 1, (f"- {text}", f"+ {text}")), (UsedPlaybook(f"net{text}", "none", text),),
    )  # fmt: skip
    async with opened(desk, (120, 40)) as (app, pilot):
        app.push_screen(TrustScreen(f"sso{text}"))
        await look(app, pilot)
        await pilot.press("a")
        await look(app, pilot)


@pytest.mark.parametrize("text", HOSTILE, ids=("markup", "escapes", "bidi", "lines", "wide"))
async def test_hostile_playbooks_are_only_text(text: str) -> None:
    desk, playbooks = FakeDesk(), FakePlaybooks()
    desk.playbooks = playbooks

    async def suggest(_: str) -> Any:
        return (spoiled(Suggestion(summary("sso-login-failure"), 0.5, ("why",)), text),)

    async def show(_: str) -> str:
        return text

    playbooks.suggest = suggest  # type: ignore[method-assign]
    playbooks.show = show  # type: ignore[method-assign]
    async with opened(desk, (120, 40)) as (app, pilot):
        app.push_screen(PlaybookPicker("1000", f"HL{text}"))
        await look(app, pilot, "enter", "slash")


@pytest.mark.parametrize("text", HOSTILE, ids=("markup", "escapes", "bidi", "lines", "wide"))
async def test_a_hostile_investigation_is_only_text(text: str) -> None:
    fake, desk = FakeInvestigations(), FakeDesk()
    fake.prompts = tuple(
        spoiled(replace(prompt, prefill=_prefill(prompt.type, text), prefill_from="x"), text)
        for prompt in all_prompts()
    )
    plain = fake.now

    def now() -> Any:
        view = plain()
        return replace(
            view,
            investigation=spoiled(view.investigation, text),
            violations=tuple(spoiled(one, text) for one in view.violations),
        )

    fake.now = now  # type: ignore[method-assign]
    fake.refuse = text
    desk.investigations = fake
    async with opened(desk, (120, 40)) as (app, pilot):
        for prompt in [*fake.prompts, None]:
            fake.at = prompt.id if prompt else ""
            app.push_screen(RetrospectiveScreen("ESC-2026-0031"))
            keys = {
                "Q20": ("enter", "f3", "escape"),
                "K1": ("f5", "f9", "escape", "f7", "escape"),
                "": ("r",),
            }
            await look(app, pilot, *keys.get(fake.at, ()))
            back_to_queue(app)


def _prefill(kind: str, text: str) -> Any:
    if kind == "rows":
        return [
            {"stop": text, "signal": text, "text": text, "addressee": text, "evidence": [text], "id": text}
        ]
    return text if kind in ("text", "lines") else None
