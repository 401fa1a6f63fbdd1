"""The playbooks that a playbook uses, found and read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from triage.model.errors import Invalid, NotFound

if TYPE_CHECKING:
    from triage.playbook.shelf.library import Library, LoadedPlaybook


def used_by(library: Library, loaded: LoadedPlaybook) -> dict[str, LoadedPlaybook]:
    """Every playbook that ``loaded`` uses, also through others, by id.

    A file beside the one that names it comes before the library, so that a folder that is tried out stands
    by itself. Raises `Invalid` for one that is not there or has errors, naming who uses it.
    """
    from triage.playbook.language.steps import SubPlaybook

    found: dict[str, LoadedPlaybook] = {}
    waiting = [loaded]
    while waiting:
        caller = waiting.pop(0)
        for step in caller.document.steps:
            if isinstance(step, SubPlaybook) and step.use not in found and step.use != loaded.document.id:
                found[step.use] = _find(library, caller, step.use)
                waiting.append(found[step.use])
    return found


def _find(library: Library, caller: LoadedPlaybook, name: str) -> LoadedPlaybook:
    beside = Path(caller.path).parent / f"{name}.yaml"
    try:
        found = library.load(str(beside) if beside.is_file() else name)
    except NotFound as error:
        raise Invalid(f"{caller.document.id} uses {name}: {error}", where=caller.path) from None
    if found.parsed is None:
        raise Invalid(
            f"{caller.document.id} uses {name}, which has errors",
            where=found.path,
            do="triage playbook lint shows them",
        )
    return found
