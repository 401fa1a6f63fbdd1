"""Writing answers: lists of ready JSON texts joined without parsing them again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from triage.demo import documents
from triage.demo.documents import Document
from triage.demo.helpdesk_state import state_of
from triage.demo.paging import base_of
from triage.demo.records import Records

_JSON = "application/json; charset=utf-8"
_SIDELOADS = ("users", "groups", "organizations")


def answer(request: Request, parts: Mapping[str, str | Sequence[str]], rest: Mapping[str, Any]) -> Response:
    """A 200 answer: ``parts`` are ready JSON texts (one, or a list), ``rest`` is written as it is."""
    texts = [
        f'"{name}":{part if isinstance(part, str) else "[" + ",".join(part) + "]"}'
        for name, part in parts.items()
    ]
    texts += [f'"{name}":{json.dumps(value)}' for name, value in rest.items()]
    body = documents.with_host("{" + ",".join(texts) + "}", base_of(request))
    return Response(body.encode(), media_type=_JSON)


def plain(request: Request, document: Mapping[str, Any], status: int = 200) -> Response:
    """A small answer."""
    body = documents.with_host(documents.dump(document), base_of(request))
    return Response(body.encode(), status_code=status, media_type=_JSON)


def sideloads(request: Request, tickets: Sequence[str]) -> dict[str, Sequence[str]]:
    """What ``?include=users,groups,organizations`` adds to an answer with ``tickets``."""
    wanted = _included(request)
    if not wanted:
        return {}
    loaded = [documents.load(text) for text in tickets]
    records = state_of(request).records
    roles = ("requester_id", "submitter_id", "assignee_id")
    ids = {
        "users": [ticket[role] for ticket in loaded for role in roles],
        "groups": [ticket["group_id"] for ticket in loaded],
        "organizations": [ticket["organization_id"] for ticket in loaded],
    }
    return {name: _people(records, name, ids[name]) for name in wanted}


def authors(request: Request, loaded: Sequence[Document]) -> dict[str, Sequence[str]]:
    """The users that ``?include=users`` adds to audits or comments."""
    if "users" not in _included(request):
        return {}
    return {"users": state_of(request).records.users(document["author_id"] for document in loaded)}


def _included(request: Request) -> list[str]:
    asked = request.query_params.get("include", "").split(",")
    return [name for name in _SIDELOADS if name in asked]


def _people(records: Records, table: str, ids: Sequence[int | None]) -> Sequence[str]:
    if table == "users":
        return records.users(ids)
    return records.texts(table, dict.fromkeys(number for number in ids if number is not None))
