from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from tests.helpdesk.hurried import hurried_pace
from triage.helpdesk import transport


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Retries and holds happen, their pauses do not."""

    def pace(*args: Any, **rest: Any) -> Any:
        return hurried_pace(*args, **rest)

    monkeypatch.setattr(transport, "Pace", pace)
    stamina.set_testing(True, attempts=9, cap=True)
    yield
    stamina.set_testing(False)
