"""Outbox, write page and conflict: nothing leaves without a yes of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import SIZES, opened, screen_text, settled
from triage.desk.views import ConflictRow, SendResult
from triage.model.operation import Change, Note, WriteState
from triage.tui.screens.conflict import ConflictScreen
from triage.tui.screens.outbox import OutboxScreen
from triage.tui.sending import outcome
from triage.tui.write_words import in_short, state_words

ADOPTION = Change(
    note=Note("[esc:ESC-2026-0031 v3] FINAL\n\nbug B2.3 Partial change left behind", "internal"),
    tags_add=("esc-bug", "esc-b2-3"),
    fields={"esc_verdict": "bug", "esc_code": "B2.3"},
)


def desk_with(*changes: Change, state: WriteState = "proposed") -> FakeDesk:
    desk = FakeDesk()
    for change in changes:
        operation = desk.propose("1000", change, "retrospective ESC-2026-0031")
        desk.change_operation(operation.id, state=state)
    return desk


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_shows_whom_what_in_which_order_and_as_whom(size: tuple[int, int]) -> None:
    async with opened(desk_with(ADOPTION), size) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        text = screen_text(app)
        for expected in (
            "To HL-40000 at acme-zendesk, as oncall-bot",
            "INTERNAL NOTE, seen by agents only",
            "[esc:ESC-2026-0031 v3] FINAL",
            "bug B2.3 Partial change left behind",
            "+ esc-b2-3",
            "esc_verdict: - → bug",
            "unchanged since you opened it",
        ):
            assert expected in text
        assert text.index("INTERNAL NOTE") < text.index("+ esc-bug") < text.index("esc_verdict")


async def test_a_ticket_that_moved_on_is_said_on_the_page() -> None:
    desk = desk_with(ADOPTION)
    desk.changed_since.add("op-1")
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "The ticket changed since" in screen_text(app)


async def test_enter_opens_and_does_not_confirm() -> None:
    desk = desk_with(ADOPTION)
    async with opened(desk) as (_, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter", "enter", "enter", "space")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]


async def test_leaving_a_page_opened_from_the_outbox_keeps_the_proposal() -> None:
    desk = desk_with(ADOPTION)
    async with opened(desk) as (_, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert desk.operations["op-1"].state == "proposed"


async def test_the_note_is_edited_before_it_is_sent() -> None:
    desk = desk_with(ADOPTION)
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("e")
        await settled(pilot)
        await pilot.press(*" more", "ctrl+s")
        await settled(pilot)
        note = desk.operations["op-1"].change.note
        assert note is not None
        assert note.body.endswith("left behind more")
        assert "left behind more" in screen_text(app)


async def test_two_yes_confirm_once() -> None:
    desk = desk_with(ADOPTION)
    async with opened(desk) as (_, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("y", "y", "y")
        await settled(pilot)
        assert len([1 for verb, _ in desk.calls if verb == "confirm"]) == 1


@pytest.mark.parametrize(
    ("state", "live"),
    [
        ("proposed", {"drop"}),
        ("pending", {"park", "drop"}),
        ("sending", set()),
        ("unknown", {"park"}),
        ("rejected", {"retry", "park", "drop"}),
        ("parked", {"retry", "drop"}),
        ("conflict", {"park", "drop"}),
    ],
)
async def test_keys_are_live_only_where_the_state_allows(state: WriteState, live: set[str]) -> None:
    async with opened(desk_with(ADOPTION, state=state)) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, OutboxScreen)
        assert {verb for verb in ("retry", "park", "drop") if screen.check_action(verb, ())} == live
        assert state_words(state)[0] in screen_text(app)


async def test_dropping_asks_first() -> None:
    desk = desk_with(ADOPTION, state="parked")
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert "Drop this write to HL-40000?" in screen_text(app)
        await pilot.press("escape")
        await settled(pilot)
        assert desk.operations["op-1"].state == "parked"
        await pilot.press("d")
        await settled(pilot)
        await pilot.press("d", "d")
        assert desk.operations["op-1"].state == "parked"
        await pilot.press("x")
        await settled(pilot)
        assert desk.operations["op-1"].state == "dropped"


async def test_retry_makes_it_ready_and_sends() -> None:
    desk = desk_with(ADOPTION, state="rejected")
    async with opened(desk) as (_, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert [verb for verb, _ in desk.calls if verb in ("retry", "send")] == ["retry", "send"]


async def test_a_conflict_shows_three_sides_and_needs_a_pick_for_each() -> None:
    desk = desk_with(ADOPTION, state="conflict")
    desk.conflict_rows["op-1"] = (
        ConflictRow("esc_code", "-", "B2.3", "E1.1"),
        ConflictRow("status", "open", "pending", "hold"),
    )
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ConflictScreen)
        text = screen_text(app)
        assert all(side in text for side in ("B2.3", "E1.1", "pending", "hold", "open"))
        await pilot.press("m", "y")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb == "resolve_conflict"]
        await pilot.press("t", "y")
        await settled(pilot)
        picked = next(detail for verb, detail in desk.calls if verb == "resolve_conflict")
        assert picked == ("op-1", {"esc_code": "mine", "status": "theirs"})


async def test_an_empty_outbox_says_so() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        assert "Nothing waits to be sent." in screen_text(app)


async def test_a_sending_that_fails_is_said_and_the_write_waits() -> None:
    from triage.model.errors import HelpdeskFailed

    desk = desk_with(ADOPTION)
    desk.errors["send"] = HelpdeskFailed("out of reach", where="acme.example")
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert "Not sent: acme.example: out of reach" in screen_text(app)
        assert desk.operations["op-1"].state == "pending"


def test_every_change_has_plain_words() -> None:
    desk = desk_with(replace(ADOPTION, status="solved", assignee="me", tags_remove=("old",)))
    text = "".join(text for text, _ in in_short(desk.operations["op-1"]))
    for expected in (
        "internal note",
        "+ esc-bug",
        "- old",
        "esc_code → B2.3",
        "status → solved",
        "assignee → you",
    ):
        assert expected in text
    public = desk.propose("1000", Change(note=Note("x", "public")), "")
    assert in_short(public)[0] == ("PUBLIC REPLY", "strong-public")


def test_how_sending_ended_is_told() -> None:
    assert outcome(SendResult(2, 0, 0, 0, 0, None)) == ("2 sent and read back.", True)
    assert outcome(SendResult(0, 1, 0, 0, 0, None))[1] is False
    assert "refused" in outcome(SendResult(0, 0, 0, 1, 0, None))[0]
    assert outcome(SendResult(0, 0, 0, 0, 0, None, busy=True))[1] is True


async def test_a_note_found_public_that_should_be_internal_is_said_at_once() -> None:
    desk = desk_with(ADOPTION, state="pending")

    async def send(on_change: object = None) -> SendResult:
        return SendResult(1, 0, 0, 0, 0, None, alarms=("HL-40000: the note is PUBLIC",))

    desk.outbox.send = send  # type: ignore[method-assign]
    async with opened(desk) as (app, pilot):
        app.send_outbox()
        await settled(pilot)
        assert "the note is PUBLIC" in screen_text(app)


async def test_a_secret_is_masked_on_the_page_and_goes_back_only_for_the_typed_key() -> None:
    desk = desk_with(Change(note=Note("login with password=opensesame-2026", "internal")))
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "password=[masked:password]" in screen_text(app)
        assert "it looks like a secret: password open… (15 characters)" in screen_text(app)
        for typed in ("HL-1", "HL-40000"):
            await pilot.press("s")
            await settled(pilot)
            await pilot.press(*typed, "enter")
            await settled(pilot)
            shown = screen_text(app)
            assert ("password=opensesame-2026" in shown) == (typed == "HL-40000")
        assert "carries what looks like a secret" in shown
        assert not [call for call in desk.calls if call[0] in ("confirm", "send")]


async def test_a_public_reply_offers_no_way_to_send_a_secret() -> None:
    desk = desk_with(Change(note=Note("use password=opensesame-2026", "public")))
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert not [call for call in desk.calls if call[0] == "unmask"]
        assert "opensesame" not in screen_text(app)
