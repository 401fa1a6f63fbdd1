"""Logging that never writes a secret."""

from __future__ import annotations

import logging
from typing import Any

from triage.config.secret import Redactor


class RedactingFilter(logging.Filter):
    """Rewrites each record, its traceback included, before any handler formats it."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: a record is changed, never dropped."""
        record.msg = self._redactor.redact(_message(record))
        record.args = None
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._redactor.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self._redactor.redact(record.stack_info)
        return True


def redact_logs(redactor: Redactor) -> None:
    """Put every record made from now on through ``redactor``, whichever logger and handler it meets."""
    make = logging.getLogRecordFactory()
    redacting = RedactingFilter(redactor)

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = make(*args, **kwargs)
        redacting.filter(made)
        return made

    logging.setLogRecordFactory(record)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # A wrong format string in some library must not lose the record, nor print its arguments.
        return str(record.msg)
