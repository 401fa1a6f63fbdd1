"""How much of a full investigation the ticket gives: the worked cases, question by question.

Each case is answered from its file in the order of the script. Before every answer it is looked what is
offered there. Three counts: *answers* for which something was offered; *fields* (a text, or one filled column
of one row) that were offered; and fields that stand in the end exactly as offered. The eight facts that no
question asks for, such as customer and severity, count as given. Run: ``python benchmarks/prefill.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.retrospective.casebook import ANSWERS, CASES, Book
from triage.retrospective import script
from triage.retrospective.answers_file import read_answers
from triage.retrospective.interview import answer
from triage.retrospective.prefill import Prefill, unasked

WANTED = 0.6
KEPT_BESIDE = frozenset({"id", "imported", "after_lock", "original", "recorded_at"})
"""What the program keeps of a row by itself: nobody fills it."""
EMPTY: tuple[Any, ...] = (None, "", [], False)


@dataclass
class Counted:
    """What a case held in the end, and how much of it had been offered."""

    answers: int
    answers_offered: int
    fields: int
    fields_offered: int
    fields_kept: int


Field: TypeAlias = tuple[Any, str]
"""A row, by id or place, and its column; of what is no row both are empty."""


def fields(value: Any, *, by_id: bool) -> Iterator[tuple[Field, Any]]:
    """The filled fields of one answer."""
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        for number, row in enumerate(value):
            name = row.get("id", number) if by_id else number
            yield from (
                ((name, key), cell)
                for key, cell in row.items()
                if cell not in EMPTY and key not in KEPT_BESIDE
            )
    elif value not in EMPTY:
        yield ("", ""), value


def measure(name: str) -> Counted:
    """Answer the worked case ``name`` and count."""
    book = Book(CASES[name](), name)
    given = read_answers((ANSWERS / f"{book.facts.ticket.key}.yaml").read_text("utf-8"), name).given
    known = {script.prompt(key).id: value for key, value in given.items()}
    facts = sum(map(bool, unasked(book.it)))
    counted = Counted(facts, facts, facts, facts, facts)
    for prompt in script.known().values():
        if prompt.id not in known:
            continue
        offer, _ = Prefill(book.facts, book.it, book.now).of(prompt)
        book.write(answer(book.it, prompt.id, known[prompt.id], book.facts, book.now))
        held = book.it.answers.get(prompt.id)
        if held not in EMPTY:
            count(counted, offer, held)
    return counted


def count(counted: Counted, offer: Any, held: Any) -> None:
    """Add one answer to what is counted."""
    by_id = isinstance(offer, list) and any(isinstance(row, Mapping) and row.get("id") for row in offer)
    offered, kept = dict(fields(offer, by_id=by_id)), dict(fields(held, by_id=by_id))
    counted.answers += 1
    counted.answers_offered += offer is not None
    counted.fields += len(kept)
    counted.fields_offered += len(offered.keys() & kept.keys())
    counted.fields_kept += sum(key in offered and offered[key] == cell for key, cell in kept.items())


def main() -> int:
    """One line for each case; 1 when the figure is missed."""
    missed = False
    for name in CASES:
        it = measure(name)
        missed |= it.answers_offered < WANTED * it.answers
        print(
            f"{name}: offered {it.answers_offered} of {it.answers} answers "
            f"({it.answers_offered / it.answers:.0%}), {it.fields_offered} of {it.fields} fields "
            f"({it.fields_offered / it.fields:.0%}); {it.fields_kept} fields stayed as offered "
            f"({it.fields_kept / it.fields:.0%})"
        )
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
