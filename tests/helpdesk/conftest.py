from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Retries happen, their pauses do not."""
    stamina.set_testing(True, attempts=9, cap=True)
    yield
    stamina.set_testing(False)
