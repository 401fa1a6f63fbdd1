from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from triage.demo.child import DemoProcess, start_demo


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoProcess]:
    """The embedded helpdesk with its week of cases, in its own process."""
    running = start_demo(tmp_path / "helpdesk")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def shell(tmp_path: Path, demo: DemoProcess) -> Shell:
    """A shell with a profile on the embedded helpdesk, nothing pulled yet."""
    held = Shell(tmp_path / "home", {"TRIAGE_TOKEN": demo.token})
    held.must(
        "init", "--no-input", "--profile", "demo", "--helpdesk", "zendesk", "--url", demo.url,
        "--token-env", "TRIAGE_TOKEN",
    )  # fmt: skip
    return held
