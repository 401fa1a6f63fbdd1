"""Makes what lies beside the shipped playbooks: the JSON Schema, and the hashes that consent rests on.

Run as ``python -m triage.playbook.shelf.shipping`` in a checkout after a playbook or the format changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from triage.playbook.language.schema import ADDRESS, json_schema
from triage.playbook.shelf.library import shipped_folder


def write_beside(folder: Path) -> tuple[Path, ...]:
    """Write both files into ``folder`` and return them."""
    schema, sums = folder / ADDRESS, folder / "SHA256SUMS"
    schema.write_text(json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    rows = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.yaml"))
    ]
    sums.write_text("".join(rows), encoding="utf-8")
    return schema, sums


if __name__ == "__main__":
    write_beside(shipped_folder())
