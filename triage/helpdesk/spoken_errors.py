"""Refusals in the shapes of trackers, said in the one shape that an `Answer` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from triage.helpdesk.answer import Answer
from triage.helpdesk.strict_json import MalformedJsonError, parse
from triage.helpdesk.transport import Transport

_MOST = 10


class SpokenErrors(Transport):
    """A `Transport` that understands ``errors`` as a list, as objects, and as a text for each field.

    What is said to people comes before what is said to programs.
    """

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request, deadline_s: float) -> Answer:
        answer = await super()._exchange(client, request, deadline_s)
        if answer.status < 400 or not (said := _said(answer.body)):
            return answer
        return replace(answer, body=json.dumps({"message": said}).encode())


def _said(body: bytes) -> list[str]:
    try:
        document = parse(body)
    except MalformedJsonError:
        return []
    return list(dict.fromkeys(word for word in _sentences(document) if word))


def _sentences(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [sentence for item in value[:_MOST] for sentence in _sentences(item)]
    if not isinstance(value, Mapping):
        return []
    found = []
    for key in ("error_human", "error", "message", "errorMessage", "errorMessages"):
        found += _sentences(value.get(key))
    errors = value.get("errors")
    if isinstance(errors, Mapping):
        found += [f"{field}: {text}" for field, text in list(errors.items())[:_MOST] if isinstance(text, str)]
    else:
        found += _sentences(errors)
    if not found and isinstance(value.get("code"), str):
        found.append(f"{value.get('field') or 'value'}: {value['code']}")
    return found
