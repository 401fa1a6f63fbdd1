"""How the embedded helpdesk says no: one error body for every reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """An HTTP error with Zendesk's body: ``{"error", "description", "details"}``."""

    def __init__(
        self,
        status: int,
        error: str,
        description: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, error, description)
        self.status = status
        self.body: dict[str, Any] = {"error": error, "description": description}
        if details:
            self.body["details"] = dict(details)
        self.headers = dict(headers or {})


def not_found() -> Refusal:
    """There is no such record (404)."""
    return Refusal(404, "RecordNotFound", "Not found")


def invalid(field: str, description: str, error: str = "InvalidValue") -> Refusal:
    """A value in the body is wrong (422)."""
    details = {field: [{"description": description, "error": error}]}
    return Refusal(422, "RecordInvalid", "Record validation errors", details=details)


def bad_parameter(description: str) -> Refusal:
    """A value in the query string is wrong (400)."""
    return Refusal(400, "InvalidPaginationParameter", description)
