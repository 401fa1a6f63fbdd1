from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.live import redmine_server, request_tracker_server
from tests.live.redmine_server import RedmineServer, start_redmine, stop_redmine
from tests.live.request_tracker_server import (
    RequestTrackerServer,
    start_request_tracker,
    stop_request_tracker,
)
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.redmine.adapter import Redmine
from triage.helpdesk.redmine.adapter import open_helpdesk as open_redmine_account
from triage.helpdesk.request_tracker.adapter import RequestTracker, open_helpdesk

OpenDesk = Callable[..., RequestTracker]
OpenRedmine = Callable[..., Redmine]


@pytest.fixture(scope="session", autouse=True)
def wanted() -> None:
    """TRIAGE_LIVE=skip leaves these tests to another run."""
    if os.environ.get("TRIAGE_LIVE") == "skip":
        pytest.skip("TRIAGE_LIVE=skip: another run has them")


def not_installed(name: str, script: str) -> None:
    """Skip, or fail where the live tests are required (TRIAGE_LIVE=require)."""
    reason = f"{name} is not installed; tests/live/{script} install does it (as root)"
    if os.environ.get("TRIAGE_LIVE") == "require":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def request_tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RequestTrackerServer]:
    """A real, seeded Request Tracker; skipped where it is not installed, unless TRIAGE_LIVE=require."""
    if not request_tracker_server.is_installed():
        not_installed("Request Tracker", "request_tracker.sh")
    server = start_request_tracker(tmp_path_factory.mktemp("request_tracker"))
    try:
        yield server
    finally:
        stop_request_tracker(server)


@pytest_asyncio.fixture
async def open_desk(request_tracker: RequestTrackerServer, tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Opens the adapter as somebody, by default as ourselves, at another address if wanted."""
    opened: list[RequestTracker] = []

    def opening(
        who: str = "triage-bot", *, url: str = "", token: str = "", queue: str = ""
    ) -> RequestTracker:
        profile = Profile(
            name="live",
            helpdesk="request_tracker",
            url=url or request_tracker.url,
            folder=tmp_path,
            database="",
            queue=queue,
        )
        opened.append(open_helpdesk(profile, Secret(token or request_tracker.tokens[who])))
        return opened[-1]

    yield opening
    for desk in opened:
        await desk.aclose()


@pytest.fixture(scope="session")
def redmine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedmineServer]:
    """A real Redmine; skipped where it is not installed, unless TRIAGE_LIVE=require."""
    if not redmine_server.is_installed():
        not_installed("Redmine", "redmine.sh")
    server = start_redmine(tmp_path_factory.mktemp("redmine"))
    try:
        yield server
    finally:
        stop_redmine(server)


@pytest_asyncio.fixture
async def open_redmine(redmine: RedmineServer, tmp_path: Path) -> AsyncIterator[OpenRedmine]:
    """Opens the adapter as somebody, by default as ourselves, at another address if wanted."""
    opened: list[Redmine] = []

    def opening(who: str = "triage-bot", *, url: str = "", key: str = "", queue: str = "") -> Redmine:
        profile = Profile(
            name="live", helpdesk="redmine", url=url or redmine.url, folder=tmp_path, database="", queue=queue
        )
        opened.append(open_redmine_account(profile, Secret(key or redmine.keys[who])))
        return opened[-1]

    yield opening
    for desk in opened:
        await desk.aclose()
