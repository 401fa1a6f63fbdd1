"""The door is light: what must not be loaded early is not loaded early."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "httpx",
    "alembic",
    "keyring",
    "psycopg",
    "typer",
    "textual",
    "yaml",
}


def loaded_after(code: str) -> set[str]:
    listed = "json.dumps(sorted(name.split('.')[0] for name in sys.modules))"
    script = f"{code}\nimport sys, json\nsys.stderr.write({listed})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr))


def test_the_version_is_said_without_loading_anything_heavy() -> None:
    loaded = loaded_after(
        "import sys; sys.argv = ['triage', '--version']; import triage.__main__ as m; m.main()"
    )
    assert loaded & HEAVY == set()


def test_the_words_and_the_port_are_light() -> None:
    loaded = loaded_after("import triage.model.case, triage.model.investigation, triage.helpdesk.port")
    assert loaded & HEAVY == set()
