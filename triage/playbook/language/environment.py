"""Names of environment values that a playbook may use for a command."""

from __future__ import annotations

import re

BANNED_ENV = re.compile(
    r"(PATH|HOME|SHELL|USER|LOGNAME|IFS|ENV|TERM|PAGER|TMPDIR|CDPATH|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND"
    r"|LD_.*|DYLD_.*|PYTHON.*|PERL.*|RUBY.*|NODE_.*|JAVA_.*|BASH_.*|GIT_.*|SSL_.*|CURL_.*|OPENSSL_.*"
    r"|TRIAGE_.*|[A-Z_]*_PROXY)\Z"
)
"""Names that change what a program is, not what it is told: a playbook may not set them."""
_WHOLE = re.compile(r"\$(?:([A-Z][A-Z0-9_]*)|\{([A-Z][A-Z0-9_]*)\})\Z")


def whole_variable(item: str) -> str:
    """The name when ``item`` is exactly ``$NAME`` or ``${NAME}``, else empty."""
    found = _WHOLE.match(item)
    return (found[1] or found[2]) if found else ""
