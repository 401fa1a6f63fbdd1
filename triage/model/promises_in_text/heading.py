"""Headings that announce a time without a verb: "Next update 17:00", "Fix by Thursday", "By 16:00." alone."""

from __future__ import annotations

import re

from triage.model.promises_in_text.cues import CONFIRMS
from triage.model.promises_in_text.turns_for import LISTS
from triage.model.promises_in_text.words import TIME, pattern
from triage.model.spoken.time import SpokenTime

LONGEST = 160
"""Characters; what is longer is a sentence without a verb, or a table."""
_TIMES = re.compile(f"{TIME}+")
MOST_TIMES = 3
"""Beside the time it announces."""


_NOUNS = (
    r"(?:update|more|news|word|answer|view|hot\s?fix|fix|patch|workaround|explanation|report|reply|eta|etr"
    r"|build|back|call|check|rca|status|refund|estimate|target|delivery|release|summary|talk|speak"
    r"|see\s+you|follow-?up|resolution|assessment|details|analysis|decision|results?|call-?back"
    r"|information|info|version|comms|checkpoint|bulletin|note|mail|e-?mail|response|verdict|findings"
    r"|technician|engineer|rollout|rollback|deployment|restore|restoration|replacement|shipment|part"
    r"|courier|migration|maintenance|switchover|confirmation|completion|closure|commitment|promise|number"
    r"|date|guess|mounting|testing|tests?|assembly|inspection|repair|swap|collection|pick-?up|hand-?over|fitting"
    r"|survey|training|payout|transfer|arrival|first\s+visit|site\s+visit|visit|implementation|go-?live|installation|appointment|activation|dispatch"
    r"|draft|look|readout|post-?mortem|retrospective|feedback|root\s+cause)s?"
)
_HEADING = pattern(
    r"^\W*(?:yes|no|sure|ok|okay|sorry|so|and|then|with|plus|here is|also)?\W*(?:(?:our|the|my|a|an|new"
    "|current|firm|best|revised|final|permanent|full|proper|real|first|more|another|further|next|short"
    "|interim|written|complete|detailed|confirmed|expected|estimated|planned|official|preliminary|last"
    "|tested|root|cause|status|progress|scope|incident|war|room|fix|internal|public|post-mortem|on[ "
    r"-]?site|\w+ed) )*(?:[a-z]{3,} (?=call\b|update\b|report\b|status\b))?<nouns>\b(?P<rest>(?: "
    r"(?!@)[\w'’-]+){0,5}?)\W*(?:(?:by|until|till|before|than|at|on|for|around|about|in|within|latest"
    r"|again|of|to you|is|no later than|tomorrow|the|approx|roughly)\W+)*$",
    r"^\W*next(?!(?: [\w-]+){0,2} (?:<routine>)s?\b)(?: [\w-]+){0,6}?\W*(?:(?:at|by|on|in|around|about"
    r"|the)\W+)*$",
    nouns=_NOUNS,
    routine=LISTS["routine"],
)  # fmt: skip
_NO_HEADING = pattern(
    r"\b(?:takes?|is|was|were|are|am|be|been|has|had|have|said|says|shows|reads|covers|needs?|must|can"
    "|does|do|did|last|previous|attached|your|(?<!speak to )(?<!talk to )(?<!see )(?<!back to )(?<!with "
    ")you|they|for (?:the|@)|from @|since|failed|fails|stopped|expires?|happened|came|arrived|started"
    "|ran|runs|deployed|released|applied|thanks|no|not|without|missed|received|closed|opened|created"
    r"|given|made|posted|restored|rolled|changed|shows|works?|hours|starting|covering|until|ending)\b",
)  # fmt: skip
_ONLY_TIME = pattern(
    r"^(?:\W|\b(?:by|on|at|the|very|latest|around|about|before|say|then|this|make it|ok|okay|sure|yes|no"
    "|not|yet|will|can|do|thing|for|(?:that )?works(?: for (?:me|us))?|perfect|great|fine|talk (?:to you "
    ")?then|speak (?:to you )?then|sorry|i promise|promised|or sooner|at the latest|another|it's|talk"
    r"|see you|it|give|me|us|just|max|speak|to be safe|it is|\w{1,12},)\b)*$",
)  # fmt: skip
"""All that may stand beside the time in an answer that is nothing but a time."""
_SURE = pattern(
    r"\b(?:another|promised?|latest|by|sure|promises|works|max|can do|it is|(?:talk|speak)\b.*\bthen)\b",
    r"^\W*(?:on|by)\b",
    r"\d[ ]?[ap]\.?m\b.*\w{3}",
)  # fmt: skip


def announces(words: str) -> bool:
    """Whether ``words`` are a heading: "Next update", "ETA for the fix"."""
    if len(words) > LONGEST or len(_TIMES.findall(words)) > MOST_TIMES:
        return False
    return bool(_HEADING.match(words)) and not _NO_HEADING.search(words)


def is_confirmed(earlier: str, sentence: str, time: SpokenTime) -> bool:
    """Whether a time opens its sentence right behind a "Booked!" or "Confirmed."."""
    return not re.search(r"\w", sentence[: time.start]) and bool(CONFIRMS.search(earlier.rstrip()))


def is_bare_answer(sentence: str, time: SpokenTime) -> bool:
    """Whether nothing stands beside a time but what makes it an answer: "By 16:00.", "2pm for sure"."""
    beside = sentence[: time.start], sentence[time.end :]
    if not all(_ONLY_TIME.match(one) for one in beside):
        return False
    return bool((time.day and time.clock) or time.after or _SURE.search(sentence))
