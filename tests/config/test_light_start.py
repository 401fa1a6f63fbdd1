from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "tomlkit",
    "keyring",
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "alembic",
    "httpx",
    "asyncio",
    "subprocess",
)


def test_settings_and_the_first_page_load_nothing_heavy() -> None:
    program = f"""
import sys
import triage.config.paths, triage.config.profiles, triage.store.first_page
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
