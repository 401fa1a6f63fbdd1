"""Code blocks of runbooks: what is a command, and what is only shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.playbook.interop.markdown_blocks import Block

_SHELLS = frozenset((
    "bash", "sh", "shell", "zsh", "ksh", "console", "terminal", "shell-session", "shellsession",
    "shell-script", "command", "cmdline",
))  # fmt: skip
_UNNAMED = frozenset(("", "text", "txt", "plaintext", "plain", "none", "code"))
_PROGRAMS = frozenset((
    "kubectl", "oc", "helm", "docker", "podman", "crictl", "curl", "wget", "dig", "nslookup", "host",
    "openssl", "ping", "traceroute", "mtr", "nc", "ss", "netstat", "ip", "iptables", "ssh", "scp",
    "rsync", "systemctl", "journalctl", "service", "ps", "top", "df", "du", "free", "ls", "cat", "grep",
    "tail", "head", "find", "awk", "sed", "echo", "export", "cd", "cp", "mv", "rm", "mkdir", "chmod",
    "chown", "tar", "git", "aws", "gcloud", "az", "terraform", "ansible", "ansible-playbook", "psql",
    "mysql", "mysqldump", "pg_dump", "redis-cli", "mongo", "mongosh", "etcdctl", "vault", "consul",
    "nomad", "sudo", "apt", "apt-get", "yum", "dnf", "pip", "npm", "make", "python", "python3", "jq",
    "knife", "bundle", "rails", "gitlab-ctl", "gitlab-rails", "for", "while", "if", "lsof", "strace",
    "tcpdump", "rabbitmqctl", "kafka-topics.sh", "velero", "argocd", "flux", "istioctl", "ceph", "rook",
    "promtool", "amtool", "dmesg", "uptime", "iostat", "vmstat", "sar", "nvidia-smi", "must-gather",
    "odf", "subctl", "tkn", "kill",
))  # fmt: skip
_PROMPT = re.compile(
    r"^\s*(?:\[[^\]\n]{1,60}\]|[\w.-]+@[\w.-]+(?::\S*)?|sh-[\d.]+)?"
    r"\s?(?:[$%]|(?<=[\w\]])#) +(?P<line>\S.*)$"
)
_ROOT_PROMPT = re.compile(r"^# +(?P<line>[a-z][\w.-]*(?: .*)?)$")


@dataclass(frozen=True, slots=True)
class ShellBlock:
    """A command with the output it is shown with."""

    command: str
    output: str = ""


def shell_block(block: Block) -> ShellBlock | None:
    """The command in a code block, without prompts; None where the block is not one."""
    named = block.language.strip("{}.").lower() in _SHELLS
    lines = block.text.split("\n")
    if any(_PROMPT.match(line) for line in lines) and (named or block.language in _UNNAMED):
        return _session(lines, _PROMPT)
    if block.language in ("console", "terminal", "shell-session") and lines and _ROOT_PROMPT.match(lines[0]):
        return _session(lines, _ROOT_PROMPT)
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not code:
        return None
    first = code[0].split()[0].rsplit("/", 1)[-1]
    if named or (block.language in _UNNAMED and first in _PROGRAMS):
        return ShellBlock("\n".join(lines).strip("\n"))
    return None


def _session(lines: list[str], prompt: re.Pattern[str]) -> ShellBlock:
    commands: list[str] = []
    output: list[str] = []
    open_ended = ""
    for line in lines:
        found = prompt.match(line)
        if open_ended:
            commands.append(line)
            if open_ended == "\\":
                open_ended = "\\" if line.rstrip().endswith("\\") else ""
            elif line.strip() == open_ended:
                open_ended = ""
        elif found:
            text = found["line"]
            commands.append(text)
            here = re.search(r"<<-?\s*['\"]?(\w+)", text)
            open_ended = "\\" if text.rstrip().endswith("\\") else here[1] if here else ""
        else:
            output.append(line)
    return ShellBlock("\n".join(commands), "\n".join(output).strip("\n"))
