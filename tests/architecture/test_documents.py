"""Pages that are made from the program say what the program does now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config.settings import settings_reference
from triage.tui.key_table import key_table

DOCS = Path(__file__).parents[2] / "docs"
HOW = "made from the program; to renew: python -m tests.architecture.test_documents"

KEYS = f"""# Keys

`?` shows the keys of the screen you are on. These tables are {HOW}

{{table}}
"""

SETTINGS = f"""# Settings

Settings live in `config.toml` in the configuration folder: one table `[profile.NAME]` for each helpdesk
account, and `default_profile`. A variable of the environment goes before the file. `TRIAGE_HOME` puts
configuration, data and state under one folder. The token itself never stands in the file; the sources are
asked in the order keyring, command, file, environment. This table is {HOW}

{{table}}
"""

PAGES: dict[str, Callable[[], str]] = {
    "keys.md": lambda: KEYS.format(table=key_table().strip()),
    "settings.md": lambda: SETTINGS.format(table=settings_reference().strip()),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_program_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name]()


if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), "utf-8")
