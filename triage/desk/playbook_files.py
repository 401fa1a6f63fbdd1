"""Playbook files: where they are found, linting them, their schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from triage.config.paths import Paths
from triage.config.profiles import NoProfile, Profile, load_profile
from triage.model.errors import NotFound
from triage.model.run import Diagnostic
from triage.playbook.library import Library, PlaybookFolder, standard_folders


def library_of(paths: Paths, profile: Profile | None) -> Library:
    """The shipped playbooks, the team's folders and the person's own."""
    return Library(folders_of(paths, profile), cache_dir=paths.state_dir / "playbook-cache")


def folders_of(paths: Paths, profile: Profile | None) -> tuple[PlaybookFolder, ...]:
    """Where playbooks are looked for, in the order in which a later one wins."""
    own = paths.config_dir / "playbooks"
    team = profile.playbook_dirs if profile else ()
    return standard_folders(team, own if own.is_dir() else None)


def lint_files(profile: str | None, paths: Sequence[Path]) -> tuple[Diagnostic, ...]:
    """Every finding in ``paths`` (files or folders), or in every playbook found when there are none.

    Raises `NotFound` for a path that is not there.
    """
    from triage.playbook.lint import lint_paths

    for path in paths:
        if not path.exists():
            raise NotFound("no such file or folder", where=str(path))
    if paths:
        return lint_paths(list(paths))
    places = Paths.find()
    try:
        held = load_profile(places, profile)
    except NoProfile:
        held = None
    return lint_paths([folder.path for folder in folders_of(places, held)])


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook file."""
    from triage.playbook.schema import json_schema as schema

    return schema()
