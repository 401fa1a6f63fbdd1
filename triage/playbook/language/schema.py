"""The JSON Schema of the format, for editors.

Pydantic writes the steps as ``oneOf`` with a discriminator; editors then say of a bad step only that it is
not valid. One ``if``/``then`` for each kind makes them name the field instead. Draft-07, which is what the
YAML language server reads.
"""

from __future__ import annotations

from typing import Any

from triage.playbook.language.steps import STEP_MODELS, Playbook, StepBase

ADDRESS = "playbook.schema.json"


def json_schema() -> dict[str, Any]:
    """The schema as plain data."""
    raw = Playbook.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = raw.pop("$defs")
    for name in definitions:
        definitions[name] = _tidy(definitions[name])
    raw["properties"]["steps"]["items"] = {"$ref": "#/definitions/step"}
    definitions["step"] = _step_schema()
    for kind, model in STEP_MODELS.items():
        # The kind is looked at by the conditions; repeating it here would say the same mistake twice.
        definitions[model.__name__]["properties"]["kind"] = {"const": kind}
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Triage playbook, format v1"}
    return {**head, **_tidy(raw), "patternProperties": {"^x-": True}, "definitions": definitions}


def _step_schema() -> dict[str, Any]:
    kinds = list(STEP_MODELS)
    common = [info.alias or name for name, info in StepBase.model_fields.items() if info.is_required()]
    rules = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/definitions/{model.__name__}"},
        }
        for kind, model in STEP_MODELS.items()
    ]
    descriptions = {kind: (model.__doc__ or "").strip() for kind, model in STEP_MODELS.items()}
    return {
        "type": "object",
        "required": ["kind", *common],
        "properties": {
            "kind": {
                "enum": kinds,
                "description": "What the step does. "
                + " ".join(f"{kind}: {text}" for kind, text in descriptions.items()),
            }
        },
        "allOf": rules,
    }


def _tidy(schema: Any) -> Any:
    """Without what pydantic adds for itself: titles made from names, discriminators, defaults of null."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _tidy(value)
        for key, value in schema.items()
        if key not in ("discriminator",)
        and not (key == "title" and isinstance(value, str))
        and not (key == "default" and value is None)
    }
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        # An optional field is left out, not written as null.
        rest = [choice for choice in choices if choice != {"type": "null"}]
        kept.pop("anyOf")
        kept = {**kept, **rest[0]} if len(rest) == 1 else {**kept, "anyOf": rest}
    if kept.get("additionalProperties") is False and "id" in kept.get("properties", {}):
        kept["patternProperties"] = {"^x-": True}
    return kept
