"""The embedded helpdesk's answers against a description of the Zendesk Support API.

The description may not be redistributed, so it is not in this project: name a copy in
``TRIAGE_ZENDESK_CONTRACT`` (OpenAPI 3.1 as JSON) to run these checks.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.demo.app import create_app
from triage.demo.helpdesk_state import HelpdeskState, Settings
from triage.demo.opening import open_records
from triage.demo.records import Records

openapi_core = pytest.importorskip("openapi_core")

CONTRACT = os.environ.get("TRIAGE_ZENDESK_CONTRACT", "")
NOW = datetime(2026, 3, 11, 4, 22, tzinfo=UTC)
# /problems is left out: the description wraps its answer in a client library's page object there.
GETS = (
    "views", "views/2", "views/2/tickets", "views/2/tickets?page[size]=3", "views/2/count", "tickets",
    "tickets/10001", "tickets/10001?include=users", "tickets/show_many?ids=10001,10002", "tickets/10001/tags",
    "tickets/10001/audits", "tickets/10001/audits?page[size]=2&include=users", "tickets/10001/comments",
    "incremental/tickets/cursor?start_time=0", "incremental/ticket_events?start_time=0",
    "incremental/ticket_events?start_time=0&include=comment_events",
    "search?query=type:ticket tags:escalated status<solved",
    "search/count?query=type:ticket", "search/export?query=tags:export&filter[type]=ticket&page[size]=2",
    "groups", "ticket_fields", "satisfaction_ratings", "users/360000010001",
    "users/show_many?ids=360000010001,360000011001",
)  # fmt: skip
NOTE = {"body": "a note", "public": False}


@pytest.fixture(scope="module")
def contract() -> Any:
    if not CONTRACT or not Path(CONTRACT).is_file():
        pytest.skip("TRIAGE_ZENDESK_CONTRACT does not name a description of the Zendesk Support API")
    return openapi_core.OpenAPI.from_dict(json.loads(Path(CONTRACT).read_text()))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    opened = open_records(tmp_path_factory.mktemp("demo"), now=NOW, zone="UTC")
    yield opened
    opened.close()


@pytest.fixture
async def client(records: Records) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(HelpdeskState(records, Settings("t"), NOW.timestamp))
    headers = {"Authorization": "Bearer t"}
    # The description names one server; links follow the host, so the check calls it by that name.
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://example.zendesk.com/api/v2/", headers=headers
    ) as made:
        yield made


class _Request:
    """An httpx request as openapi-core asks for one."""

    def __init__(self, request: httpx.Request) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import ImmutableMultiDict

        query = ImmutableMultiDict(list(request.url.params.multi_items()))
        self.parameters = RequestParameters(query=query, header=dict(request.headers))
        self.host_url = f"{request.url.scheme}://{request.url.host}"
        self.path = request.url.path
        self.method = request.method.lower()
        self.body = request.content or None
        self.content_type = "application/json"


class _Answer:
    """An httpx answer as openapi-core asks for one."""

    def __init__(self, answer: httpx.Response) -> None:
        self.data = answer.content
        self.status_code = answer.status_code
        self.content_type = "application/json"
        self.headers: Mapping[str, str] = dict(answer.headers)


def check(contract: Any, answer: httpx.Response) -> None:
    assert answer.status_code < 300, answer.text
    contract.validate_response(_Request(answer.request), _Answer(answer))


@pytest.mark.parametrize("path", GETS)
async def test_an_answer_has_the_shape_that_was_described(
    contract: Any, client: httpx.AsyncClient, path: str
) -> None:
    check(contract, await client.get(path))


async def test_updates_answer_as_described(contract: Any, client: httpx.AsyncClient) -> None:
    change = {"comment": NOTE, "status": "open", "tags": ["a"], "priority": "high", "metadata": {"op": "1"}}
    check(contract, await client.put("tickets/10002", json={"ticket": change}))
    check(contract, await client.get("tickets/10002/audits"))
    upload = await client.post("uploads?filename=a.log", content=b"it ends here")
    check(contract, upload)
    with_file = {**NOTE, "uploads": [upload.json()["upload"]["token"]]}
    check(contract, await client.put("tickets/10002", json={"ticket": {"comment": with_file}}))
    check(contract, await client.get("tickets/10002/comments"))
    check(contract, await client.put("tickets/10002/tags", json={"tags": ["b"]}))
    made = {"subject": "s", "comment": {"body": "new"}, "requester_id": 360000011001}
    check(contract, await client.post("tickets", json={"ticket": made}))


async def test_every_ticket_and_thread_has_the_described_shape(
    contract: Any, client: httpx.AsyncClient
) -> None:
    tickets = (await client.get("tickets")).json()["tickets"]
    for ticket in tickets:
        check(contract, await client.get(f"tickets/{ticket['id']}"))
        check(contract, await client.get(f"tickets/{ticket['id']}/audits"))
        check(contract, await client.get(f"tickets/{ticket['id']}/comments"))


async def test_the_check_can_fail(contract: Any, client: httpx.AsyncClient) -> None:
    answer = await client.get("tickets/10001")
    wrong = {"ticket": {**answer.json()["ticket"], "id": "ten"}}
    broken = httpx.Response(200, json=wrong, request=answer.request)
    with pytest.raises(openapi_core.exceptions.OpenAPIError):
        check(contract, broken)
