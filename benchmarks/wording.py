"""The wording of a text looked at after every key, as it is while somebody types.

A text of four paragraphs is typed letter by letter; after each the whole is looked at again. CPU time of this
process: the middle key, the worst one in a hundred, and both against looking at the whole text with nothing
remembered, in the same run (machines differ, the ratio should not). Run: ``python benchmarks/wording.py``.
"""

from __future__ import annotations

import time
from statistics import median

from triage.retrospective import wording

NAMES = ("Ines Duarte", "Ines", "Kofi Mensah", "Kofi")
PARAGRAPH = (
    "The sync removes grants in the same run, with no preview and no undo, and the summary says completed. "
    "Support asked for the log at 21:14 and read it at 22:40; the engineer on call should have seen it. "
    "No page names the group that was renamed, and `sync.log` is rotated after two hours. "
)
TEXT = "\n\n".join(PARAGRAPH * 2 for _ in range(4))
FRAME_MS = 1000 / 60


def looked(text: str) -> float:
    """Milliseconds of CPU for one look."""
    started = time.process_time()
    wording.hits(text, "finding", NAMES)
    return (time.process_time() - started) * 1000


def fresh(text: str) -> float:
    """The same with nothing remembered from the look before."""
    wording._flagged.cache_clear()
    return looked(text)


def main() -> None:
    """Print the figures."""
    wording.hits(TEXT[:80], "finding", NAMES)
    typed = sorted(looked(TEXT[:end]) for end in range(1, len(TEXT) + 1))
    whole = median(fresh(TEXT) for _ in range(9))
    middle, worst = median(typed), typed[len(typed) * 99 // 100]
    print(f"{len(TEXT)} characters in 4 paragraphs; the whole, nothing remembered: {whole:.2f} ms")
    print(f"after a key, middle: {middle:.2f} ms, {middle / whole:.2f} of the whole")
    print(f"that is {middle / FRAME_MS:.2f} of a frame at 60 Hz")
    print(f"after a key, 99th of 100: {worst:.2f} ms, {worst / whole:.2f} of the whole")


if __name__ == "__main__":
    main()
