"""The steps that look for themselves: a command, a request."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from triage.model.run import Effect
from triage.playbook.language.document import (
    Duration,
    Line,
    Part,
    StepId,
    Text,
    VariableName,
    checked_pattern,
)
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.step_head import StepBase

EnvName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
Pattern: TypeAlias = Annotated[str, Field(min_length=1, max_length=500)]


class JsonTest(Part):
    """A value inside JSON output."""

    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][\w.-]*$", max_length=201)] = Field(
        description="Keys and list positions joined by dots."
    )
    equals: str | int | float | bool = Field(description="What it must be.")


class Expect(Part):
    """What makes a check pass; all that is written must hold."""

    exit: Annotated[tuple[Annotated[int, Field(ge=0, le=255)], ...], Field(min_length=1)] = Field(
        (0,), description="Exit codes that are good."
    )
    stdout_matches: Pattern | None = Field(None, description="Regular expression found in the output.")
    stdout_not_matches: Pattern | None = Field(
        None, description="Regular expression not found in the output."
    )
    json_: tuple[JsonTest, ...] = Field((), alias="json", description="Values inside JSON output.")

    _check_patterns = field_validator("stdout_matches", "stdout_not_matches")(checked_pattern)


class Poll(Part):
    """Trying again until it passes."""

    every: Duration = Field(description="Time between two tries.")
    up_to: Duration = Field(description="It is given up after this; what the last try said counts.")

    @model_validator(mode="after")
    def _often_enough(self) -> Poll:
        every, up_to = parse_duration(self.every), parse_duration(self.up_to)
        if every < timedelta(seconds=1) or up_to > timedelta(days=1) or every > up_to:
            raise PydanticCustomError(
                "poll_shape", "every: is at least 1s and no longer than up_to:, which is at most 1d", {}
            )
        return self


class Probe(StepBase):
    """A step that looks at something itself, run only with consent, or done by hand and recorded."""

    timeout: Duration = Field("30s", description="One try is ended after this.")
    poll: Poll | None = Field(None, description="Try again until it passes; can be ended at any time.")
    on_pass: StepId | None = Field(None, description="Step that follows a pass.")
    on_fail: StepId | None = Field(
        None, description="Step that follows a fail; without it the engineer decides."
    )
    capture: dict[VariableName, Pattern] = Field(
        default_factory=dict, description="Values taken from the output: name to pattern with one group."
    )
    redact: tuple[Pattern, ...] = Field((), description="Patterns blacked out in the output.")
    manual: Text | None = Field(None, description="What to do by hand where it cannot run.")

    @field_validator("capture")
    @classmethod
    def _captures(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern in value.values():
            checked_pattern(pattern)
        return value

    @field_validator("redact")
    @classmethod
    def _redactions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            checked_pattern(pattern)
        return value


def _run_kind(value: Any) -> str:
    return "~script" if isinstance(value, str) else "~argv"


class Check(Probe):
    """A command, run only with consent, or done by hand and recorded."""

    kind: Literal["check"]
    run: Annotated[
        Annotated[Text, Tag("~script")]
        | Annotated[
            tuple[Annotated[str, Field(max_length=2000)], ...],
            Field(min_length=1, max_length=50),
            Tag("~argv"),
        ],
        Discriminator(_run_kind),
    ] = Field(
        description="Program and arguments as a list (an item that is exactly $NAME becomes that env value), "
        "or a text for bash -euo pipefail. Values reach a command only through env:."
    )
    env: dict[EnvName, Annotated[str, Field(max_length=2000)]] = Field(
        default_factory=dict, description="Environment values; templates are allowed here."
    )
    cwd: Literal["temp"] = Field("temp", description="A fresh empty folder, removed afterwards.")
    effect: Effect = Field(description="What it does to the world, by the author's word.")
    confirm: Literal["ask", "typed", "none"] = Field(
        "ask", description="none: a read-only command confirmed once in a run is not asked about again in it."
    )
    expect: Expect = Field(
        default_factory=lambda: Expect.model_validate({}), description="What makes it pass."
    )
    undo: Line | None = Field(None, description="How to take a change back; none when it cannot be.")
    needs: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,60}$")], ...] = Field(
        (), description="Programs it uses."
    )

    @model_validator(mode="after")
    def _only_looks_again(self) -> Check:
        if self.poll and self.effect != "read_only":
            raise PydanticCustomError("poll_effect", "only a read_only command may be tried again", {})
        return self


class HttpExpect(Part):
    """What makes a request pass; all that is written must hold."""

    status: Annotated[tuple[Annotated[int, Field(ge=100, le=599)], ...], Field(min_length=1)] = Field(
        (200,), description="Status codes that are good."
    )
    body_matches: Pattern | None = Field(None, description="Regular expression found in the body.")
    json_: tuple[JsonTest, ...] = Field((), alias="json", description="Values inside a JSON body.")
    max_ms: Annotated[int, Field(ge=1, le=600_000)] | None = Field(
        None, description="Longest time from connecting to the end of the answer, in milliseconds."
    )
    cert_days_min: Annotated[int, Field(ge=0, le=3650)] | None = Field(
        None, description="Days the server's certificate must still be good for."
    )

    _check_pattern = field_validator("body_matches")(checked_pattern)


class Http(Probe):
    """A request that only reads, sent with consent, or done by hand and recorded."""

    kind: Literal["http"]
    method: Literal["GET", "HEAD"] = Field("GET", description="Only these two: nothing is ever changed.")
    url: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="Address; {{ path }} is filled in, and encoded behind the host."
    )
    headers: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")], Annotated[str, Field(max_length=2000)]
    ] = Field(default_factory=dict, description="Headers; {{ path }} is filled in, secrets too.")
    expect: HttpExpect = Field(
        default_factory=lambda: HttpExpect.model_validate({}), description="What makes it pass."
    )

    @property
    def effect(self) -> Effect:
        """What it does to the world."""
        return "read_only"
