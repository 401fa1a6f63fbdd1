"""Promises as couriers, banks, clinics, town halls, game studios, insurers and hosters make them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.model.promises_in_text.reading import find_promises

WEDNESDAY = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


def _dues(text: str, said_at: datetime = WEDNESDAY) -> list[str]:
    return [
        f"{one.day}T{one:%H:%M}" for one in sorted(guess.due for guess in find_promises(text, said_at, UTC))
    ]


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("I tell you by 15:45 if the swap worked.", ["18T15:45"]),
        ("I'll nudge them and you have our decision on Friday.", ["20T17:00"]),
        ("The crate leaves our dock at 11:00 and is with you by 14:00.", ["18T11:00", "18T14:00"]),
        ("The voucher you get with the parcel on 24 November.", ["24T17:00"]),
        ("The sync runs at 13:00. You should be back in well in time for the exam.", ["18T13:00"]),
        ("The pick-up comes on Friday afternoon.", ["20T17:00"]),
        ("You can fetch the passport from tomorrow 9:00.", ["19T09:00"]),
        ("One of our stewards meets you tomorrow at 5:40 am.", ["19T05:40"]),
    ],
)
def test_the_plain_present_promises(text: str, dues: list[str]) -> None:
    assert _dues(text) == dues


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("I'll ring you at 14:15 once your morning round is over.", ["18T14:15"]),
        ("We will close this incident at 19:00 if no new alarms come in.", ["18T19:00"]),
        ("The sum will be credited within 3 working days, pending the outcome of the inquiry.", ["23T10:00"]),
        ("I'll ring you at 14:15 if you send the form.", []),
    ],
)
def test_a_condition_behind_a_deed_with_a_time_takes_it_back_only_where_it_is_theirs(
    text: str, dues: list[str]
) -> None:
    assert _dues(text) == dues


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("He lacked a valve, so he will be back tomorrow at 7:30.", ["19T07:30"]),
        ("I've asked Ms Varga to phone you before lunch.", ["18T12:00"]),
        ("The inspection tomorrow is still going ahead.", ["19T17:00"]),
        ("Friday 10 is good, I'll ring you.", ["20T10:00"]),
        ("The assessor comes to you on Tuesday 24 in the morning (between 9 and 14h).", ["24T14:00"]),
        ("The courier's about 40 minutes out.", ["18T10:40"]),
        ("Your survey was moved up: Friday 8-10 AM instead of Monday.", ["20T10:00"]),
        ("Please allow 5 working days for the money to clear.", ["25T10:00"]),
    ],
)
def test_somebody_who_comes_or_calls_is_promised(text: str, dues: list[str]) -> None:
    assert _dues(text) == dues


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("Her bank should credit it by 6 PM today.", ["18T18:00"]),
        ("DHL shows delivery Friday by 7pm.", ["20T19:00"]),
        ("The box is out for delivery, due by 3 this afternoon.", ["18T15:00"]),
        ("By 22:00 your name will be gone from the list.", ["18T22:00"]),
        ("The refund is queued, lands with the 14:00 batch.", ["18T14:00"]),
        ("Revised ETR is 16:30 hrs IST.", ["18T11:00"]),
        ("On Friday we send it by courier. You will receive it the next day.", ["20T17:00", "21T17:00"]),
        (
            "The fee will be collected on 1 December. The contract comes by mail two days before that.",
            ["29T17:00"],
        ),
    ],
)
def test_money_and_goods_on_their_way_are_promised(text: str, dues: list[str]) -> None:
    assert _dues(text) == dues


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("I'll draw it up over the weekend and you'll see it Monday.", ["23T17:00"]),
        ("It rides the Thursday train. I'd say prod by Thu noon.", ["19T12:00"]),
        ("Calling it done for tonight.", []),
        ("All is well.\n\n---- forwarded ----\nNext update: Thursday, 8:00 PM UTC", []),
        ("I see you're back in the office on Monday.", []),
        ("The fee will be debited on 1 December.", []),
    ],
)
def test_of_two_times_for_one_promise_the_sharper_counts_and_bills_and_quotations_none(
    text: str, dues: list[str]
) -> None:
    assert _dues(text) == dues


@pytest.mark.parametrize(
    ("said_at", "text", "dues"),
    [
        ((17, 30), "I'm on till 8, and I'll drop you a line before I finish.", ["18T20:00"]),
        ((18, 50), "I'll call you at 7:15.", ["18T19:15"]),
        ((18, 50), "I'll call you at 07:15.", ["19T07:15"]),
        ((12, 0), "I'll call you tomorrow at 7:15.", ["19T07:15"]),
    ],
)
def test_an_hour_that_is_over_is_its_twin_of_the_evening_where_that_is_near(
    said_at: tuple[int, int], text: str, dues: list[str]
) -> None:
    assert _dues(text, WEDNESDAY.replace(hour=said_at[0], minute=said_at[1])) == dues
