"""What changed in a playbook since it was trusted, or since a run was pinned to it."""

from __future__ import annotations

import difflib

from sqlmodel import Session

from triage.desk.parts import Parts
from triage.model.errors import NotFound
from triage.model.playbook_difference import PlaybookDifference
from triage.playbook.run.engine import fold
from triage.playbook.run.run_state import RunState
from triage.playbook.shelf.consented import change_of, commands_of
from triage.playbook.shelf.library import LoadedPlaybook
from triage.store.entries import load_entries


async def since_trusted(parts: Parts, playbook_id: str) -> PlaybookDifference:
    """The trusted text against the file now. Raises `NotFound` where it was never trusted."""
    loaded = parts.library.load(playbook_id)
    earlier = parts.trust.granted_at(loaded.path)
    if earlier is None:
        raise NotFound(
            f"{playbook_id!r} was never trusted, so there is nothing to compare with", where=loaded.path,
            do="name a run with --run",
        )  # fmt: skip
    text = parts.trust.text(earlier.sha256) or ""
    now = commands_of(loaded.document)
    return PlaybookDifference(
        loaded.document.id, loaded.path, "trusted", earlier.version, loaded.document.version,
        earlier.sha256 == loaded.sha256,
        _lines(text, loaded, f"trusted {earlier.at[:16]}") if text else (),
        change_of(earlier.version, earlier.commands, now),
    )  # fmt: skip


async def since_run(parts: Parts, run_id: str) -> PlaybookDifference:
    """The text a run is pinned to against its file now. Raises `NotFound` where one of them is not there."""

    def read(session: Session) -> RunState:
        entries = load_entries(session, subject="run", subject_id=run_id)
        if not entries:
            raise NotFound(f"no run {run_id}", do="triage show TICKET --json lists the runs of a case")
        return fold(entries)

    state = await parts.database.read(read)
    loaded = parts.library.load(state.origin or state.document.id)
    earlier = state.document
    return PlaybookDifference(
        earlier.id, loaded.path, "run", earlier.version, loaded.document.version,
        state.sha256 == loaded.sha256, _lines(state.text, loaded, f"run {run_id}"),
        change_of(earlier.version, commands_of(earlier), commands_of(loaded.document)),
    )  # fmt: skip


def _lines(text: str, loaded: LoadedPlaybook, name: str) -> tuple[str, ...]:
    old, new = text.splitlines(), loaded.text.splitlines()
    return tuple(difflib.unified_diff(old, new, name, loaded.path, lineterm=""))
