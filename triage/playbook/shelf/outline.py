"""A playbook on one page, in Markdown, for ``playbook show``."""

from __future__ import annotations

from triage.playbook.language.document import Reference
from triage.playbook.language.graph import STAY, Graph
from triage.playbook.language.steps import (
    Ask,
    Check,
    Checklist,
    Decide,
    DraftReply,
    End,
    EvidenceStep,
    Handover,
    Http,
    NoteStep,
    Playbook,
    Probe,
    RootCause,
    Step,
    SubPlaybook,
    Wait,
)  # fmt: skip
from triage.playbook.run.command import poll_words
from triage.playbook.run.request import good_answer


def outline(document: Playbook) -> str:
    """Head, memory items, stop rules and every step with where it leads."""
    graph = Graph.of(document.steps)
    longest = graph.longest(document.steps[0].id)
    minutes = f" · about {document.estimated_minutes} min" if document.estimated_minutes else ""
    lines = [f"# {document.title}", "", f"{document.id} v{document.version} · {document.owner} · "
             f"{len(document.steps)} steps, at most {longest} on a path"
             + minutes]  # fmt: skip
    lines += ["", f"When: {document.condition}"]
    lines += [f"Aim: {document.objective}"] if document.objective else []
    lines += [f"Impact: {document.impact}"] if document.impact else []
    lines += _section("Know before you start", list(document.memory_items))
    lines += _section("Stop when", [rule.say for rule in document.stop_when])
    lines += ["", "## Steps"]
    numbers = {step.id: number for number, step in enumerate(document.steps, 1)}
    section = ""
    for number, step in enumerate(document.steps, 1):
        if step.section and step.section != section:
            section = step.section
            lines += ["", f"### {section}"]
        lines += ["", f"{number}. **{step.title}** ({step.id}, {step.kind})", *_body(step)]
        lines += [f"   → {way}" for way in _ways(graph, step, numbers)]
    return (
        "\n".join([*lines, *_section("References", [_reference(one) for one in document.references])]) + "\n"
    )


def _section(title: str, items: list[str]) -> list[str]:
    return ["", f"## {title}", *(f"- {item}" for item in items)] if items else []


def _reference(reference: str | Reference) -> str:
    if isinstance(reference, str):
        return reference
    return " · ".join(part for part in (reference.title, reference.url, reference.page) if part)


def _body(step: Step) -> list[str]:
    """What is particular about the step, indented under its title."""
    rows = [step.text.strip()] if step.text else []
    if step.when:
        rows.append(f"only when {step.when}")
    match step:
        case Checklist():
            rows += [f"[ ] {text}" for text in step.texts]
        case Ask():
            rows += [f"{number}) {one.label or one.value}" for number, one in enumerate(step.options, 1)]
        case Probe():
            rows += _probe(step)
        case NoteStep() | DraftReply():
            rows.append(step.template.strip())
        case RootCause():
            rows += [f"- {one.label or one.value}" for one in step.categories]
        case Handover():
            rows.append(f"to {step.to}: {step.reason.strip()}")
        case EvidenceStep(prompt=str() as prompt):
            rows.append(prompt)
        case SubPlaybook():
            rows.append(f"go through {step.use}")
            rows += [f"with {name} = {given}" for name, given in step.with_.items()]
            rows += [f"its {name} is kept as {here}" for name, here in step.returns.items()]
        case Wait():
            rows.append(f"wait {step.for_ or 'until ' + (step.until or '')}")
        case End():
            rows.append(f"outcome: {step.outcome}")
    if step.two_person:
        rows.append("needs two people")
    return ["   " + line for row in rows for line in row.split("\n")]


def _probe(step: Probe) -> list[str]:
    """What runs or is sent, how it is judged, and what to do instead."""
    rows: list[str] = []
    if isinstance(step, Check):
        rows.append(f"$ {step.run if isinstance(step.run, str) else ' '.join(step.run)}".strip())
        rows.append(f"{step.effect.replace('_', '-')} (the author's word), at most {step.timeout}")
    elif isinstance(step, Http):
        rows += [f"{step.method} {step.url}", f"good: {good_answer(step)}, at most {step.timeout}"]
    rows += [f"tried again {poll_words(step)}"] if step.poll else []
    return rows + ([f"by hand: {step.manual.strip()}"] if step.manual else [])


def _ways(graph: Graph, step: Step, numbers: dict[str, int]) -> list[str]:
    plain = numbers[step.id] + 1
    ways = []
    for edge in graph.edges[step.id]:
        if edge.target == STAY or (numbers[edge.target] == plain and not edge.label):
            continue
        label = f"{edge.label}: " if edge.label else ""
        if isinstance(step, Decide) and edge.label == "otherwise":
            label = "otherwise: "
        ways.append(f"{label}{numbers[edge.target]} {edge.target}")
    return list(dict.fromkeys(ways))
