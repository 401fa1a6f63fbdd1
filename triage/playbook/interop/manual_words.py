"""What a person reads in another program where a step of ours is a manual command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def manual_words(raw: Mapping[str, Any]) -> str:
    """The step, as its file has it, in words that need nothing of ours to be understood."""
    lines = [str(raw["title"]), *_particulars(raw)]
    return "\n".join(line for line in lines if line)


def _particulars(raw: Mapping[str, Any]) -> list[str]:
    match raw["kind"]:
        case "checklist":
            return [f"[ ] {_item(item)}" for item in raw["items"]]
        case "ask":
            options = [
                f"- {one.get('label') or one['value']} ({one['value']})" for one in raw.get("options", ())
            ]
            unit = f" ({raw['unit']})" if raw.get("unit") else ""
            return options or [f"Answer: {raw['type']}{unit}"]
        case "wait":
            return [f"Wait {raw['for']}" if raw.get("for") else f"Wait until {raw.get('until')}"]
        case "note" | "draft_reply":
            return ["Write, without sending:", raw["template"]]
        case "evidence":
            return [str(raw.get("prompt", ""))]
        case "finding":
            return [f"Write down: {raw['statement']}"]
        case "root_cause":
            return [
                str(raw["statement"]),
                *(f"- {one.get('label') or one['value']}" for one in raw["categories"]),
            ]
        case "handover":
            return [f"To {raw['to']}: {raw['reason']}"]
    return []


def _item(item: Any) -> str:
    if isinstance(item, str):
        return item
    return f"{item['text']}: {item['expect']}" if item.get("expect") else str(item["text"])
