"""What looks like a secret is found in the ways people paste it; what only speaks of one is left alone.

Every value here is made up, and broken in two so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import random
import string

import pytest

from triage.config import secret_scan
from triage.config.secret_scan import find_secrets, mask_secrets


def made(length: int, letters: str = string.ascii_letters + string.digits, seed: int = 7) -> str:
    return "".join(random.Random(seed + length).choices(letters, k=length))


HEX = "0123456789abcdef"
EXAMPLES = [
    "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIBvalue\n-----END RSA PRIVATE KEY-----",
    "PuTTY-User-Key-File-" + "3: ssh-ed25519\nlines\nPrivate-MAC: 0a1b2c",
    "aws says AKIA" + made(16, string.ascii_uppercase),
    "used ghp_" + made(36),
    "it was ya29." + made(40),
    "paid with sk_live_" + made(24),
    "bot 12345678:AA" + made(33),
    "saw eyJ" + made(20) + "." + made(40) + "." + made(30),
    "POST https://hooks.slack.com/services/T0000/B0000/" + made(24),
    "POST https://discord.com/api/webhooks/123456789012345678/" + made(60),
    "POST https://acme.webhook.office.com/webhookb2/" + made(40),
    "Authorization: Digest " + made(20),
    "sent Bearer " + made(24),
    "sent Basic " + made(24),
    "X-Acme-Auth: opensesame",
    "Set-Cookie: theme=opensesame; Path=/",
    "postgres://app:" + made(10) + "@db.example/app",
    "GET /blob?X-Amz-Signature=" + made(64, HEX),
    "GET /callback?code=" + made(30),
    "SAMLRequest=" + made(60),
    "SharedAccessSignature=sr=" + made(60),
    "DB_PASSWORD=" + made(9),
    "PGPASSWORD=" + made(10) + " psql -l",
    "SSHPASS=" + made(11) + " sshpass -e ssh host",
    'passphrase: "four words and 1 digit"',
    "passphrase: 'four words and 1 digit'",
    "ACME_API_KEY=" + made(30),
    "<password>" + made(10) + "</password>",
    '<add key="MailPassword" value="' + made(10) + '"/>',
    "tool --db-password " + made(10),
    "curl -u robin:" + made(10) + " https://api.example",
    "mysql -h db -u app -p" + made(10) + " app",
    "sshpass -p " + made(10) + " ssh host",
    "machine git.example login robin password " + made(10),
    "CREATE USER app IDENTIFIED BY '" + made(10) + "'",
    "db.example:5432:app:robin:" + made(10),
    "root:$6$" + made(16) + "$" + made(60) + ":19000",
    "the password is Winter2026!",
]
ORDINARY = """\
token expired, please sign in again
Password: must be at least 12 characters
password reset: sent to the customer
PASSWORD=${DB_PASSWORD}
api_key: <your key here>
Authorization: required
key: primary-user-id
sort key = customer.name
cache key=table/warehouse/part-0001.parquet
commit 3c86139fd9b55d086f59bd8829ccb628e717c66a
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
session: 4 users, 12 minutes
PWD=/home/robin/case
max_token=4096
Cookie policy updated
the secret is patience
pip install token-bucket==0.3.0
user robin:x:1000:1000:Robin:/home/robin:/bin/bash
https://docs.example/auth/token?lang=en
[INFO] org.acme:auth-client:jar:3.5.0:compile
12:30:45 GET /api/v2/keys 200 41 ms
basic checks passed
bearer of good news
2026-03-10T17:58:00Z groups deleted 2, created 2
serial=0A:1B:2C:3D notAfter=Dec 31 23:59:59 2026 GMT
salt: none
""".splitlines()


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_a_secret_is_found_and_nothing_of_it_is_left(text: str) -> None:
    hits = find_secrets(text)
    assert hits
    values = [text[hit.start : hit.end] for hit in hits]
    masked = mask_secrets(text)
    assert "[masked:" in masked
    assert not [value for value in values if value in masked]


@pytest.mark.parametrize(
    "value",
    [
        "[masked:x]Winter2026!",
        "[masked:password]9f8e7d6c",
        "$ecret-2026!",
        "redacted9f8e7d6c5b",
        "***9f8e7d6c",
    ],
)
def test_a_value_that_only_begins_like_a_placeholder_is_found(value: str) -> None:
    masked = mask_secrets(f"DB_PASSWORD={value} on every node")
    assert masked == "DB_PASSWORD=[masked:password] on every node"


@pytest.mark.parametrize("text", ORDINARY)
def test_words_about_secrets_are_left_alone(text: str) -> None:
    assert mask_secrets(text) == text


def test_without_any_one_rule_some_example_is_masked_less(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = secret_scan._rules()
    masked = [mask_secrets(text) for text in EXAMPLES]
    idle = []
    for rule in rules:
        others = tuple(one for one in rules if one is not rule)
        monkeypatch.setattr(secret_scan, "_rules", lambda others=others: others)
        if [mask_secrets(text) for text in EXAMPLES] == masked:
            idle.append(rule.pattern.pattern[:60])
    assert idle == []


def test_neighbouring_finds_are_one_and_the_rest_of_the_text_stays() -> None:
    text = "before Authorization: Bearer eyJ" + made(20) + "." + made(40) + "." + made(30) + " after"
    assert mask_secrets(text) == "before Authorization: Bearer [masked:token] after"


def test_a_person_sees_the_beginning_and_the_length_but_not_the_secret() -> None:
    secret = made(20)
    (hit,) = find_secrets(f"X-Api-Key: {secret}")
    shown = hit.shown(f"X-Api-Key: {secret}")
    assert shown == f"{secret[:4]}… (20 characters)"


def test_masking_again_changes_nothing() -> None:
    once = mask_secrets("\n".join(EXAMPLES))
    assert mask_secrets(once) == once


@pytest.mark.parametrize(
    "hostile",
    [
        "a_" * 50_000 + "=",
        "password" * 20_000,
        "-----BEGIN PRIVATE KEY-----" * 2_000,
        "://" * 50_000,
        "mysql " + "-x " * 50_000,
        "eyJ" * 40_000 + ".",
        "A" * 200_000,
        "cookie: " * 20_000,
        ":1:a:a:" * 20_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_text_ends(hostile: str) -> None:
    assert isinstance(find_secrets(hostile), tuple)


def test_the_end_of_a_private_key_is_one_though_its_beginning_was_cut_off() -> None:
    lines = [made(64, seed=number) for number in range(20)]
    text = (
        "[… 900 characters left out …]\n" + "\n".join(lines) + "\n-----END RSA PRIVATE " + "KEY-----\nafter"
    )
    assert mask_secrets(text) == "[… 900 characters left out …]\n[masked:private-key]\nafter"
    assert find_secrets("see -----END RSA PRIVATE " + "KEY----- there") == ()
