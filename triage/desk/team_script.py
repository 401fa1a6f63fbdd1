"""The team's own wording of the investigation, from the file beside the settings."""

from __future__ import annotations

from triage.config.paths import Paths
from triage.model.errors import Invalid
from triage.retrospective import script
from triage.retrospective.team_script import with_team

FILE = "retrospective.yaml"


def use_team_script(paths: Paths) -> Invalid | None:
    """Put the team's script in force, where there is a file; what is wrong with it, or None.

    A broken file must not keep anybody from the queue at night, so it is told and not raised.
    """
    script.put_in_force({})
    path = paths.config_dir / FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return Invalid("cannot be read as text", where=str(path))
    try:
        script.put_in_force(with_team(script.built_in(), text, str(path)))
    except Invalid as problem:
        return problem
    return None
