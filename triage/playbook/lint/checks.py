"""All that can be said against a playbook once its parts are read.

Groups, one module each: PB2xx the graph, PB3xx expressions and templates, PB4xx safety, PB5xx and PB6xx
style. PB0xx (the file) and PB1xx (the fields) are found while reading.
"""

from __future__ import annotations

from datetime import date
from pathlib import PurePath

from triage.playbook.language.reading import Reading
from triage.playbook.lint.expressions import check_expressions
from triage.playbook.lint.graph import check_graph
from triage.playbook.lint.requests import check_requests
from triage.playbook.lint.safety import check_safety
from triage.playbook.lint.style import check_style


def check_all(reading: Reading, today: date | None = None) -> None:
    """Add every finding to the reading's source. What needs whole paths is left out while a step is bad."""
    _check_name(reading)
    if not reading.steps:
        return
    check_graph(reading)
    check_expressions(reading)
    check_safety(reading)
    check_requests(reading)
    check_style(reading, today)


def _check_name(reading: Reading) -> None:
    name = PurePath(reading.source.path).name
    stem, dot, ending = name.rpartition(".")
    if reading.header and dot and ending in ("yaml", "yml") and stem != reading.header.id:
        advice = f"write id: {stem}, or name the file {reading.header.id}.yaml"
        reading.source.add(
            ("id",), "PB010", f"the id {reading.header.id!r} is not the file's name", advice=advice
        )
