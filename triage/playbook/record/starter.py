"""The file somebody begins a playbook with: small, commented, and good as it stands."""

from __future__ import annotations

_STARTER = """\
# A playbook: what the best of you would do, for the one who is woken. One file, one trouble.
# Change the words, keep the order: look first, then decide, then mend, then say how it ended.
#   triage playbook lint FILE    what is wrong with it, with line and column
#   triage playbook test FILE    walks the cases in tests/{id}.test.yaml; nothing is executed
#   triage playbook graph FILE   where each step leads
#   triage playbook run {id} --ticket KEY
schema: triage.playbook/v1
id: {id} # the file's name without .yaml
title: Something does not work
version: 1 # for people; count up when you change it
status: draft # active, once somebody else has walked it
owner: your team
condition: Say when it fits, as a reader sees it on a ticket. One or more of these occur.
# When to suggest it: any, all, not over tags, text, product, component, priority, ...
applies_to:
  any:
    - {{field: tags, contains_any: [an-example-tag]}}
# At most five; shown first and acknowledged.
memory_items: [Note the time before you touch anything.]
references: [Where the page about it is]
# Values the steps use. from: ticket.FIELD, config.KEY or env.NAME; prompt: asks when that gives nothing.
vars:
  host: {{from: config.example_host, prompt: Which host is it?}}
# Looked at after every step; when one is true the run stops and asks.
stop_when:
  - {{if: "vars.scope == 'all'", say: Everybody is affected. Page the lead., outcome: handed_over}}

steps:
  # ask: a question to whoever works it. save_as keeps the answer for conditions (vars.scope).
  - id: scope
    kind: ask
    title: Ask how many are affected
    why: It decides how fast this has to go.
    type: choice
    save_as: scope
    options:
      - {{value: one, label: One person}}
      - {{value: some, label: Some}}
      - {{value: all, label: Everybody}}

  # check: a command, shown whole and run only with consent. Values reach it only through env.
  # effect: read_only, changes or destructive. manual: what to do where it cannot run.
  - id: answers
    kind: check
    title: Look whether the host answers
    run: [curl, -sS, --max-time, "10", -o, /dev/null, -w, "%{{http_code}}", --, $ADDRESS]
    env: {{ADDRESS: "https://{{{{ vars.host }}}}/"}}
    effect: read_only
    timeout: 15s
    needs: [curl]
    expect: {{exit: [0], stdout_matches: "^[23]"}}
    on_fail: side
    manual: Open the address in a private window and note the status.

  # decide: the first condition that holds is proposed; the engineer confirms it or says why not.
  - id: side
    kind: decide
    title: Decide whose it is
    branches:
      - {{if: steps.answers.ok == false, next: pass_on, say: The host does not answer}}
    otherwise: cause

  # root_cause: proposed, edited and accepted by a person.
  - id: cause
    kind: root_cause
    title: Name the cause
    statement: It failed for {{{{ vars.scope | default("some") }}}} of them because of a setting.
    categories:
      - {{value: setting, label: A setting of theirs}}
      - {{value: defect, label: A defect of ours}}

  # draft_reply: words for the customer; kept as a draft, never sent from here.
  - id: reply
    kind: draft_reply
    title: Tell the customer what it was
    template: |
      Hello {{{{ ticket.requester | default("") }}}},

      it works again. What was wrong: {{{{ steps.cause.statement | default("see below") }}}}

  - id: done
    kind: end
    title: It works again
    outcome: resolved

  # handover: a note that lets somebody else go on.
  - id: pass_on
    kind: handover
    title: Hand over to the people who run the host
    to: operations
    reason: "{{{{ vars.host }}}} does not answer; affected: {{{{ vars.scope | default(\\"not known\\") }}}}."

  - id: passed_on
    kind: end
    title: Passed on
    outcome: handed_over
"""
_TEST = """\
# One case for each way through; nothing is executed. results: what a command would have said.
playbook: {id}
require: {{steps: 100, branches: 90}}
cases:
  - name: a setting
    vars: {{host: example.org}}
    answers: {{scope: one, cause: setting}}
    results: {{answers: {{exit: 0, out: "200"}}}}
    expect:
      path: [scope, answers, side, cause, reply, done]
      outcome: resolved
      root_cause: setting
      reply_contains: [works again]
  - name: the host does not answer
    vars: {{host: example.org}}
    answers: {{scope: some}}
    results: {{answers: {{exit: 28}}}}
    expect:
      path: [scope, answers, side, pass_on, passed_on]
      outcome: handed_over
  - name: everybody is affected, so the run stops
    answers: {{scope: all}}
    expect:
      path: [scope]
      status: stopped
"""


def starter(playbook_id: str) -> tuple[str, str]:
    """The text of a first playbook called ``playbook_id``, and of its test."""
    return _STARTER.format(id=playbook_id), _TEST.format(id=playbook_id)
