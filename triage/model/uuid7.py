"""UUID version 7 (RFC 9562, section 5.7): identifiers that sort by time."""

from __future__ import annotations

from uuid import UUID


def uuid7(unix_ms: int, randomness: bytes) -> str:
    """The text form of a UUIDv7 made of ``unix_ms`` and the first ten of ``randomness``' bytes."""
    if len(randomness) < 10:
        raise ValueError("a UUIDv7 needs ten random bytes")
    value = (unix_ms & (1 << 48) - 1) << 80 | int.from_bytes(randomness[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))
