from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk import registry
from triage.model.errors import Invalid


def profile(helpdesk: str) -> Profile:
    return Profile(
        name="p",
        helpdesk=helpdesk,
        url="https://desk.test",
        folder=Path(),
        database="",
        account="robin@desk.test",
    )


@pytest.mark.parametrize("name", ["zendesk", "request_tracker"])
async def test_a_helpdesk_is_opened_by_its_name(name: str) -> None:
    desk = registry.open_helpdesk(profile(name), Secret("token"))
    assert desk.name == name
    assert desk.capabilities.internal_note
    await desk.aclose()


def test_an_unknown_name_lists_what_is_installed() -> None:
    with pytest.raises(Invalid, match="There is: request_tracker, zendesk"):
        registry.open_helpdesk(profile("zendsk"), Secret("token"))


def test_listing_names_imports_no_adapter() -> None:
    code = (
        "import sys; from triage.helpdesk import registry; print(registry.names());"
        "print([m for m in sys.modules if 'zendesk' in m or 'request_tracker' in m or m == 'httpx'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["('request_tracker', 'zendesk')", "[]"]


def test_the_settle_window_of_the_profile_wins() -> None:
    from dataclasses import replace

    desk = registry.open_helpdesk(replace(profile("zendesk"), settle_s=3), Secret("token"))
    assert desk.capabilities.settle_s == 3
