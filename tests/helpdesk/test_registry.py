from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk import registry
from triage.model.errors import Invalid

OURS = ("github", "jira", "pagerduty", "redmine", "request_tracker", "zammad", "zendesk")


def profile(helpdesk: str) -> Profile:
    return Profile(
        name="p",
        helpdesk=helpdesk,
        url="https://desk.test/repos/acme/desk",
        folder=Path(),
        database="",
        account="robin@desk.test",
    )


@pytest.mark.parametrize("name", OURS)
async def test_a_helpdesk_is_opened_by_its_name(name: str) -> None:
    desk = registry.open_helpdesk(profile(name), Secret("token"))
    assert desk.name == name
    # GitHub has none unless the profile says that a private repository is enough.
    assert desk.capabilities.internal_note is (name != "github")
    await desk.aclose()


def test_an_unknown_name_lists_what_is_installed() -> None:
    with pytest.raises(Invalid, match=f"There is: {', '.join(OURS)}"):
        registry.open_helpdesk(profile("zendsk"), Secret("token"))


def test_listing_names_imports_no_adapter() -> None:
    code = (
        "import sys; from triage.helpdesk import registry; print(registry.names());"
        "print([m for m in sys.modules if m.rpartition('.')[2] in registry.names() or m == 'httpx'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(OURS), "[]"]


def test_the_settle_window_of_the_profile_wins() -> None:
    from dataclasses import replace

    desk = registry.open_helpdesk(replace(profile("zendesk"), settle_s=3), Secret("token"))
    assert desk.capabilities.settle_s == 3
