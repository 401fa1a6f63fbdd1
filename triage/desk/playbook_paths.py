"""New expected paths for the tests of playbooks: what would be written, and writing it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.desk.playbook_files import found_playbooks

if TYPE_CHECKING:
    from triage.playbook.trial.update import PathUpdate as PathUpdate  # noqa: PLC0414 - the shell names it through the desk


def changed_paths(profile: str | None, paths: Sequence[Path]) -> tuple[PathUpdate, ...]:
    """The cases that end on another path than their file expects; nothing is written.

    ``paths`` are files, folders or test files; without any, every playbook that is found. Raises `NotFound`.
    """
    from triage.playbook.shelf.lint import files_in
    from triage.playbook.trial.cases import playbook_file_of
    from triage.playbook.trial.update import path_updates

    given = files_in(paths) if paths else (Path(one.path) for one in found_playbooks(profile))
    found = dict.fromkeys(playbook_file_of(path) for path in given)
    return tuple(one for path in found for one in path_updates(path))


def write_paths(updates: Sequence[PathUpdate]) -> tuple[Path, ...]:
    """Write the paths a person has seen and return the test files. Raises `Stopped` when one has changed."""
    from triage.playbook.trial.update import write_updates

    return write_updates(updates)
