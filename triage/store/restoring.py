"""One database in the place of another: a crash at any moment leaves one of the two, whole.

First the new one is made beside the old one, in full. Then a plan is written down; from there on there is
only the way forward: whoever opens the database next goes to the end of it. The old file keeps its name until
the new one takes it, and the journals of the old one have left before.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage.config.private_file import cannot_write, sync_directory, write_private
from triage.model.errors import Invalid
from triage.store.database_copy import make_durable
from triage.store.database_file import JOURNALS, restoring_plan

_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What takes the old one's place, and where the old one goes; names in the same folder."""

    backup: str
    aside: str


def fresh_beside(database: Path) -> Path:
    """Where the new one is made, with nothing left there of an earlier try. Raises `Invalid`."""
    fresh = database.with_name(f"{database.name}.restored")
    try:
        for suffix in ("", *JOURNALS):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
        for half_a_plan in database.parent.glob(f".{restoring_plan(database).name}.*"):
            half_a_plan.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(fresh, error) from error
    return fresh


def swap(database: Path, backup: str, now: datetime) -> Path | None:
    """Put the one made at `fresh_beside` in the place of ``database``; where the old one went, if any.

    Call it while holding the file's lock alone. Raises `Invalid`; what is then left over `finish` completes.
    """
    stamp = now.astimezone(UTC).strftime(_STAMP)
    aside = database.with_name(f"{database.name}.set-aside-{stamp}Z")
    number = 1
    while any(aside.with_name(aside.name + suffix).exists() for suffix in ("", *JOURNALS)):
        number += 1
        aside = database.with_name(f"{database.name}.set-aside-{stamp}Z-{number}")
    plan = _Plan(backup, aside.name)
    write_private(restoring_plan(database), json.dumps(asdict(plan)).encode())
    _go_on(database, plan)
    return aside if aside.exists() else None


def finish(database: Path) -> str:
    """Clear up what a restore left that was broken off: what was done, in words; empty when there is nothing.

    Call it while holding the file's lock alone. Raises `Invalid`.
    """
    where = restoring_plan(database)
    if where.exists():
        plan = _read(where, database)
        _go_on(database, plan)
        before = f"; the one before is {plan.aside}" if database.with_name(plan.aside).exists() else ""
        return f"a restore that was broken off is finished: {plan.backup} is the database now{before}"
    if database.with_name(f"{database.name}.restored").exists():
        fresh_beside(database)
        return "a restore was broken off before it changed anything: the database is as it was"
    return ""


def left_over(database: Path) -> bool:
    """Whether there is something for `finish`."""
    return restoring_plan(database).exists() or database.with_name(f"{database.name}.restored").exists()


def _go_on(database: Path, plan: _Plan) -> None:
    fresh = database.with_name(f"{database.name}.restored")
    try:
        # Without it the swap is done, and a journal that stands there is the new database's own.
        if fresh.exists():
            _set_aside(database, database.with_name(plan.aside))
            fresh.replace(database)
            sync_directory(database.parent)
        restoring_plan(database).unlink(missing_ok=True)
        sync_directory(database.parent)
    except OSError as error:
        raise cannot_write(database, error) from error


def _set_aside(database: Path, aside: Path) -> None:
    """The old file under a second name, and its journals under that name only."""
    if database.exists() and not aside.exists():
        try:
            aside.hardlink_to(database)
        except OSError:  # a file system without second names: a whole copy then
            half = aside.with_name(f"{aside.name}.half")
            shutil.copy2(database, half)
            make_durable(half)
            half.replace(aside)
    for suffix in JOURNALS:
        journal = database.with_name(database.name + suffix)
        if journal.exists():
            journal.replace(aside.with_name(aside.name + suffix))
    # The journals must have left for good before the new file comes: they would be rolled into it.
    sync_directory(database.parent)


def _read(where: Path, database: Path) -> _Plan:
    try:
        plan = _Plan(**json.loads(where.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise Invalid("a restore was broken off, and its plan cannot be read", where=str(where),
                      do="Remove it, then restore again") from error  # fmt: skip
    if not (isinstance(plan.backup, str) and isinstance(plan.aside, str) and _is_aside(database, plan.aside)):
        raise Invalid("a restore was broken off, and its plan is not one that Triage made", where=str(where),
                      do="Remove it, then restore again")  # fmt: skip
    return plan


def _is_aside(database: Path, name: str) -> bool:
    """Whether `swap` could have chosen ``name``: never the database's own, nor one in another folder."""
    return re.fullmatch(rf"{re.escape(database.name)}\.set-aside-\d{{8}}T\d{{6}}Z(-\d+)?", name) is not None
