from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.live.request_tracker_server import (
    RequestTrackerServer,
    is_installed,
    start_request_tracker,
    stop_request_tracker,
)
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.request_tracker.adapter import RequestTracker, open_helpdesk

OpenDesk = Callable[..., RequestTracker]


@pytest.fixture(scope="session")
def request_tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RequestTrackerServer]:
    """A real, seeded Request Tracker; skipped where it is not installed, unless TRIAGE_LIVE=require."""
    if not is_installed():
        reason = "Request Tracker is not installed; tests/live/request_tracker.sh install does it (as root)"
        if os.environ.get("TRIAGE_LIVE") == "require":
            pytest.fail(reason)
        pytest.skip(reason)
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
