"""Headings that announce a time without a verb: "Next update 17:00", "Fix by Thursday", "By 16:00." alone."""

from __future__ import annotations

import re

from triage.model.promises_in_text.mood import TIME
from triage.model.spoken.time import SpokenTime

LONGEST = 160
"""Characters; what is longer is a sentence without a verb, or a table."""
_TIMES = re.compile(f"{TIME}+")
MOST_TIMES = 3
"""Beside the time it announces."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_NOUNS = (
    r"(?:update|news|word|answer|view|hot\s?fix|fix|patch|workaround|explanation|report|reply|eta|etr"
    r"|build|back|call|check|rca|status|refund|estimate|target|delivery|release|summary|talk|speak"
    r"|see\s+you|follow-?up|resolution|assessment|details|analysis|decision|results?|call-?back"
    r"|information|info|version|comms|checkpoint|bulletin|note|mail|e-?mail|response|verdict|findings"
    r"|technician|engineer|rollout|rollback|deployment|restore|restoration|replacement|shipment|part"
    r"|courier|migration|maintenance|switchover|confirmation|completion|closure|commitment|promise|number"
    r"|draft|look|readout|post-?mortem|retrospective|feedback|root\s+cause)s?"
)
_HEADING = _any(
    r"^\W*(?:yes|no|sure|ok|okay|sorry|so|and|then|with|plus|here\s+is|also)?\W*(?:(?:our|the|my|a|an|new"
    r"|current|revised|final|permanent|full|proper|real|first|more|another|further|next|short|interim"
    r"|written|complete|detailed|confirmed|expected|estimated|planned|official|preliminary|last|tested"
    r"|root|cause|status|progress|scope|incident|war|room|fix"
    rf"|internal|public|post-mortem|on-?site|\w+ed)\s+)*(?:[a-z]{{3,}}\s+(?=call\b|update\b|report\b"
    rf"|status\b))?{_NOUNS}\b(?P<rest>(?:\s+(?!{TIME})[\w'’-]+){{0,5}}?)\W*(?:(?:by|until|till|before"
    rf"|than|at|on|for|around|about|in|within|latest|again|of|to\s+you|is|no\s+later\s+than|tomorrow|the"
    rf"|approx|roughly)\W+)*$",
    r"^\W*next(?:\s+[\w-]+){0,6}?\W*(?:(?:at|by|on|in|around|about|the)\W+)*$",
)
_NO_HEADING = _any(
    r"\b(?:takes?|is|was|were|are|am|be|been|has|had|have|said|says|shows|reads|covers|needs?|must|can|does|do"
    r"|did|last|previous|attached|your|you|they|for\s+(?:the|\ue000)|from\s+\ue000|since|failed|fails"
    r"|stopped|expires?|happened|came|arrived|started|ran|runs|deployed|released|applied|thanks|no|not"
    r"|without|missed|received|closed|opened|created|given|made|posted|restored|rolled|changed|shows"
    r"|starting|covering|until|ending)\b"
)
_ONLY_TIME = _any(
    r"^(?:\W|\b(?:by|on|at|the|very|latest|around|about|before|say|then|this|make\s+it|ok|okay|sure|yes"
    r"|no|not|yet|will|do|thing|for|works|sorry|i\s+promise|promised|or\s+sooner|at\s+the\s+latest"
    r"|another|it['’]s|talk|see\s+you|it|give|me|us|just|max|speak|to\s+be\s+safe|it\s+is|\w{1,12},)\b)*$"
)
"""All that may stand beside the time in an answer that is nothing but a time."""
_SURE = _any(
    r"\b(?:another|promised?|latest|by|sure|promises|works|max)\b",
    r"^\W*(?:on|by)\b",
    r"\d ?[ap]\.?m\b.*\w{3}",
)


def announces(words: str) -> bool:
    """Whether ``words`` are a heading: "Next update", "ETA for the fix"."""
    if len(words) > LONGEST or len(_TIMES.findall(words)) > MOST_TIMES:
        return False
    return bool(_HEADING.match(words)) and not _NO_HEADING.search(words)


def is_bare_answer(sentence: str, time: SpokenTime) -> bool:
    """Whether nothing stands beside a time but what makes it an answer: "By 16:00.", "2pm for sure"."""
    beside = sentence[: time.start], sentence[time.end :]
    if not all(_ONLY_TIME.match(one) for one in beside):
        return False
    return bool((time.day and time.clock) or time.after or _SURE.search(sentence))
