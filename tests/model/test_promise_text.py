"""What a promise to a customer sounds like, and what only sounds like one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.model.promises_in_text.reading import find_promises

TUESDAY = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def read(text: str, zone: str = "UTC") -> list[tuple[str, str]]:
    return [
        (one.kind, one.due.strftime("%m-%d %H:%M")) for one in find_promises(text, TUESDAY, ZoneInfo(zone))
    ]


@pytest.mark.parametrize(
    ("text", "kind", "due"),
    [
        ("I will update you by 20:30.", "next_update", "03-10 20:30"),
        ("We are on it and will report back hourly.", "next_update", "03-10 16:00"),
        ("We'll try again at 19:00 and tell you how it went.", "next_update", "03-10 19:00"),
        ("A senior engineer is joining in 20 min.", "next_update", "03-10 15:20"),
        ("I shall write latest by Wednesday next week.", "next_update", "03-18 17:00"),
        ("Our database people will ring you in a quarter of an hour.", "next_update", "03-10 15:15"),
        ("We will tell you when it is through, 18:00 at the latest.", "next_update", "03-10 18:00"),
        ("I promise you a proper root cause by the end of the month.", "answer", "03-31 17:00"),
        ("Next update 01:15 whatever we know.", "next_update", "03-11 01:15"),
        ("Next update Monday 12:00.", "next_update", "03-16 12:00"),
        ("Next update tomorrow by 12:00.", "next_update", "03-11 12:00"),
        ("I will be back today by 16:00.", "next_update", "03-10 16:00"),
        ("Update by 17:00.", "next_update", "03-10 17:00"),
        ("We will send what happened by Friday 17:00.", "answer", "03-13 17:00"),
        ("View by 13 May 12:00.", "fix_eta", "05-13 12:00"),
        ("I will write again by 30 June.", "next_update", "06-30 17:00"),
        ("We'll get back to you within 2 hours.", "next_update", "03-10 17:00"),
        ("I’ll have a fix ready in 30 minutes.", "fix_eta", "03-10 15:30"),
        ("You will hear from us by end of day.", "next_update", "03-10 17:00"),
        ("ETA: Friday 18:00", "fix_eta", "03-13 18:00"),
        ("Fix by Thursday noon", "fix_eta", "03-12 12:00"),
        ("Expect an answer by Monday.", "answer", "03-16 17:00"),
        ("We will send the report by March 20, 2026.", "answer", "03-20 17:00"),
        ("We'll update within one business day.", "next_update", "03-11 15:00"),
        ("We will update you between 17:00 and 18:00.", "next_update", "03-10 18:00"),
        ("Tomorrow by noon we will have the patch ready.", "fix_eta", "03-11 12:00"),
        ("We will call you at 4:30 p.m. on Thursday.", "next_update", "03-12 16:30"),
        ("We will deploy the hotfix tonight at midnight.", "fix_eta", "03-11 00:00"),
        ("We will update you by 16:00 even if we know nothing new.", "next_update", "03-10 16:00"),
        ("Please restart by 18:00; I will check back at 18:30.", "next_update", "03-10 18:30"),
        ("We will send it by the 15th.", "next_update", "03-15 17:00"),
        ("We will reply by 2 January.", "next_update", "01-02 17:00"),
        ("I am on this and will get back to you by 16:00.", "next_update", "03-10 16:00"),
        ("You will have our findings by close of business Friday PST.", "answer", "03-14 01:00"),
        ("The patch should be out by EOD Thursday.", "fix_eta", "03-12 17:00"),
        ("First thing tomorrow I'll ring you.", "next_update", "03-11 10:00"),
        ("I will write in the next couple of hours.", "next_update", "03-10 17:00"),
        ("Expect a word inside of an hour.", "next_update", "03-10 16:00"),
        ("We'll know more in two or three days.", "next_update", "03-13 15:00"),
        ("You'll hear from me every four hours.", "next_update", "03-10 19:00"),
        ("An engineer joins your bridge in ten minutes.", "next_update", "03-10 15:10"),
        ("Your new disk arrives on Thursday.", "next_update", "03-12 17:00"),
        ("The new ETA is 18:30.", "fix_eta", "03-10 18:30"),
        ("Give us until 18:00.", "next_update", "03-10 18:00"),
        ("Root cause report to follow by April 2nd.", "answer", "04-02 17:00"),
        ("Ingrid will, today before five.", "next_update", "03-10 17:00"),
        ("Tomorrow I will test it and then call you at 9:30.", "next_update", "03-11 09:30"),
        ("I'll send it by 18 March (Wed) 10:00 JST.", "next_update", "03-18 01:00"),
        ("I'll call you at the top of the hour.", "next_update", "03-10 16:00"),
        ("Let's talk again at half past five.", "next_update", "03-10 17:30"),
        ("Thursday, 12 March, by 10:00 CET.", "next_update", "03-12 09:00"),
        ("They are busy today, but it's going to be Friday at the latest.", "next_update", "03-13 17:00"),
        ("The spare is in the rack by Friday 10:00.", "next_update", "03-13 10:00"),
        ("Will be back in 15.", "next_update", "03-10 15:15"),
        ("Early next week we will have the build.", "fix_eta", "03-17 17:00"),
        ("It goes to production with Thursday's deploy.", "fix_eta", "03-12 17:00"),
        ("We'll keep an eye on it overnight and post a summary by 9am tomorrow.", "answer", "03-11 09:00"),
        ("We watch it until Thursday and then inform you about it.", "next_update", "03-12 17:00"),
        ("I'll upload it within the hour and tell you when you can switch.", "next_update", "03-10 16:00"),
        ("It'll go out with Friday's build, and by Friday evening it'll be live.", "fix_eta", "03-13 21:00"),
        ("The ETA has slipped from 15:30 to 17:30.", "fix_eta", "03-10 17:30"),
        ("You will be able to log in again from 18:00.", "next_update", "03-10 18:00"),
        ("A new board has been ordered and should be here Thursday.", "next_update", "03-12 17:00"),
        ("Your employees should see the money by end of day.", "next_update", "03-10 17:00"),
        ("The call moves from 4pm to 5.30pm.", "next_update", "03-10 17:30"),
        ("The technician is with you tomorrow before noon.", "next_update", "03-11 12:00"),
        ("Use the old one until Thursday, when the patch will be in place.", "fix_eta", "03-12 17:00"),
        ("ok, noted, resize tomorrow 05:30 UTC", "next_update", "03-11 05:30"),
        ("Thursday 10:00 it is.", "next_update", "03-12 10:00"),
        ("A few are across. Give me 10.", "next_update", "03-10 15:10"),
        ("I'll test it and write at ten past.", "next_update", "03-10 15:10"),
        ("I will pull it tonight at 02:00.", "next_update", "03-11 02:00"),
        ("The move is set for the weekend of 14/15 March.", "next_update", "03-15 17:00"),
        ("The report is going to be with you by the end of next week.", "answer", "03-20 17:00"),
    ],
)  # fmt: skip
def test_a_commitment_with_a_time_is_a_promise(text: str, kind: str, due: str) -> None:
    assert read(text) == [(kind, due)]


@pytest.mark.parametrize(
    "text",
    [
        "Your return is due on the 15th.",
        "The report covers 1 to 31 January.",
        "She will be back from leave on 2 April.",
        "I am on call this week.",
        "Our status page said 18:20.",
        "Thank you; I understand the 15th is fixed.",
        "I am asking engineering what can be done before the 15th.",
        "We said we would update you by 16:00.",
        "As promised, the update was sent at 16:00.",
        "> I will update you by 20:30.",
        'You wrote "we will update you by 20:30" and nothing came.',
        "If you send the log by 16:00, we will look at it today.",
        "We will have a fix by Friday if the test passes.",
        "Please send the trace by Friday 12:00.",
        "Could you send it by 17:00?",
        "You need to restart by 18:00 and it will be fine.",
        "This will be fixed in 4.2.1.",
        "We will support it by 5.0.",
        "The connection closes within 5 minutes.",
        "Your network proxy closes idle connections after 300 seconds.",
        "We will not have a fix by Friday.",
        "We won't be able to call before 18:00.",
        "The job started at 16:00 and we will see.",
        "The scheduled job runs tomorrow at 02:00.",
        "Your licence expires by Friday 17:00 and we will help.",
        "Support hours are 09:00 to 17:00.",
        "We hope to have news by Friday.",
        "Will you be back by 16:00?",
        "You were told that we will write by Friday 12:00.",
        "We will get it done before your deadline on Friday.",
        "We will help, but you must restart by 18:00.",
        "We will send it by 2026-03-01.",
        "Once the build is ready, we will call you within 2 hours.",
        "There will be no update before Monday.",
        "I will be out of office until Friday.",
        "I won't have anything before tomorrow noon.",
        "We'll leave the case open until Wednesday.",
        "Nothing will happen before Monday.",
        "Let us know by Friday whether it works.",
        "Your trial will end on 20 March.",
        "The job runs every night at 02:00 and alerts us by 04:00.",
        "I will look at the log you sent on Tuesday at 16:00.",
        "I'd love to have it today.",
        "Fix deployed at 09:45.",
        "The office is open from 08:00 to 16:00.",
        "We ship every other Wednesday.",
        "Our release train leaves every other Wednesday.",
        "We will revert within 2 hours of receipt of it.",
        "You will receive a survey in the next 24 hours.",
        "We can offer you tomorrow at 10:00 or Thursday at 14:00.",
        "The next automatic sync is at 18:00.",
        "Our engineers work Pacific hours, 9am to 6pm.",
        "The index build will lock writes at 18:00 for a minute.",
        "We tried to reach you (Monday 10:05, Thursday 16:30).",
        "P3 tickets are answered by the next business day.",
        "Got your voicemail from Saturday.",
        "Sorry, the 13th is fully booked.",
        "Check it and give me a short feedback until noon.",
        "It will take around 6 hours.",
        "We are expecting the reply from Oracle by EOD.",
        "Your policy is due for renewal on 14 October.",
        "Expect some downtime between 22:00 and 23:00.",
        "I'll look at tonight's run.",
        "By 09:30 we had the cause.",
        "Thanks.\n-- \nRuth, on call Monday 8am to 6pm, back Tuesday",
        "",
    ],
)
def test_what_only_sounds_like_a_promise_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_a_reply_below_a_mail_header_is_the_other_sides_text() -> None:
    text = "Thanks.\n\nOn Mon, 9 Mar 2026 at 10:00, Support wrote:\nWe will update you by 20:30."
    assert read(text) == []


def test_a_refusal_with_a_date_for_the_word_is_a_notice_and_not_a_fix() -> None:
    text = (
        "We will give you a read-only view for this return. A supported extract does not exist today and I "
        "cannot promise one; I will tell you by 29 May what product decides. View by 13 May 12:00."
    )
    assert read(text) == [("cannot_solve_notice", "05-29 17:00"), ("fix_eta", "05-13 12:00")]


def test_clock_times_are_read_in_the_writers_zone_across_the_change_to_summer_time() -> None:
    assert read("Next update Friday 17:00.", "Europe/Oslo") == [("next_update", "03-13 16:00")]
    assert read("We will write by 30 March 17:00.", "Europe/Oslo") == [("next_update", "03-30 15:00")]


@pytest.mark.parametrize(
    ("zone", "due"),
    [("UTC", "03-10 17:00"), ("EST", "03-10 22:00"), ("CET", "03-10 16:00"), ("UTC+5:30", "03-11 11:30"),
     ("ET", "03-10 21:00")],
)  # fmt: skip
def test_a_named_zone_wins_over_the_writers_own(zone: str, due: str) -> None:
    assert read(f"Next update by 17:00 {zone}.", "Asia/Tokyo") == [("next_update", due)]


def test_a_weekday_already_over_today_means_next_week() -> None:
    assert read("Next update Tuesday 12:00.") == [("next_update", "03-17 12:00")]
    assert read("Next update Tuesday 18:00.") == [("next_update", "03-10 18:00")]
    assert read("Next update next Tuesday 18:00.") == [("next_update", "03-17 18:00")]


def test_a_date_the_calendar_does_not_have_is_no_promise() -> None:
    assert read("We will write by 31 February.") == []


def test_the_quote_stands_where_it_says() -> None:
    text = "Thank you, I am on this. Could you send the sync log? I will update you by 20:30."
    guess = find_promises(text, TUESDAY, UTC)[0]
    assert text[guess.start : guess.end] == guess.quote == "I will update you by 20:30."


@given(st.text(max_size=300))
def test_no_text_makes_it_fail_and_every_promise_lies_ahead(text: str) -> None:
    for guess in find_promises(f"We will update you by {text} 16:00. {text}", TUESDAY, UTC):
        assert guess.due > TUESDAY


def test_a_log_of_a_megabyte_is_not_read_to_its_end() -> None:
    text = "INFO will retry 16:00:01 next\n" * 40_000 + "We will update you by 18:00."
    assert read(text) == []
