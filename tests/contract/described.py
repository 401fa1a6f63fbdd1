"""Requests and fake answers against a vendor's description of its API.

Descriptions whose licence allows it are in ``descriptions/``. For the others, and for a newer edition of
these, ``TRIAGE_<NAME>_CONTRACT`` names a copy to run the checks with.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

DESCRIPTIONS = Path(__file__).with_name("descriptions")


def description(name: str, **changes: Any) -> Any:
    """The description for ``name``, with top-level ``changes``; skips the test where there is none."""
    openapi_core = pytest.importorskip("openapi_core")
    return openapi_core.OpenAPI.from_dict({**_document(name), **changes})


def _document(name: str) -> dict[str, Any]:
    variable = f"TRIAGE_{name.upper()}_CONTRACT"
    path = Path(os.environ.get(variable) or DESCRIPTIONS / f"{name}.json.gz")
    if not path.is_file():
        pytest.skip(f"its licence keeps the description out, and {variable} names no copy")
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    # JSON is YAML too, but parsing it as such takes a hundred times as long.
    loaded = yaml.safe_load(text) if path.suffix in (".yaml", ".yml") else json.loads(text)
    assert isinstance(loaded, dict)
    return loaded


def check(
    contract: Any,
    host: str,
    exchanges: Iterable[tuple[httpx.Request, httpx.Response]],
    *,
    rewritten: Callable[[bytes], bytes] = bytes,
) -> set[tuple[str, str]]:
    """Fails with every request and answer that is not as described; returns what was checked.

    ``rewritten`` mends in an answer what the vendor writes otherwise than the vendor's description.
    """
    testing = pytest.importorskip("openapi_core.testing")
    from openapi_core.exceptions import OpenAPIError

    checked = set()
    wrong: list[str] = []
    for request, response in exchanges:
        asked = testing.MockRequest(
            host,
            request.method.lower(),
            request.url.path,
            args=dict(request.url.params),
            headers=dict(request.headers),
            data=request.content or None,
            content_type=request.headers.get("Content-Type", "application/json"),
        )
        kind = response.headers.get("Content-Type", "application/json").partition(";")[0]
        answer = testing.MockResponse(
            rewritten(response.content), status_code=response.status_code, content_type=kind,
            headers=dict(response.headers),
        )  # fmt: skip
        for validate, things in (
            (contract.validate_request, (asked,)),
            (contract.validate_response, (asked, answer)),
        ):
            if response.status_code == 204 and validate == contract.validate_response:
                continue
            try:
                validate(*things)
            except OpenAPIError as error:
                wrong.append(f"{request.method} {request.url}: {str(error)[-600:]}")
        checked.add((request.method, request.url.path))
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    return checked
