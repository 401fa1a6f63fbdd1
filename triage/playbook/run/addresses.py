"""Which hosts a request may go to: those a team lists, and for the rest only addresses that are public.

A name is looked up once and the connection goes to the address that was looked at, so that a second answer
of the name server (DNS rebinding) cannot lead it elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def listed(host: str, allowed: Iterable[str]) -> bool:
    """Whether ``host`` is on the list, by its name or under a ``*.name``."""
    name = host.lower().rstrip(".")
    names = [one.strip().lower() for one in allowed]
    return any(name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in names)


def refusal(host: str, address: str, allowed: Iterable[str]) -> str:
    """Why nothing may be sent to ``address``, which ``host`` stands for; empty when it may.

    A listed name may be inside the own network. This machine's link (where clouds keep their credentials,
    169.254.169.254) must be listed as an address: no name may come to stand for it.
    """
    try:
        found = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return f"{address} is no address"
    names = tuple(allowed)
    if listed(str(found), names) or listed(address, names):
        return ""
    if found.is_link_local or found in _METADATA:
        return f"{host} stands for {found}, where machines keep their credentials"
    if found.is_multicast or found.is_unspecified or found.is_reserved:
        return f"{host} stands for {found}, which is no host"
    if found.is_loopback or not found.is_global or (found.version == 6 and found.is_site_local):
        kind = "this machine" if found.is_loopback else "a private network"
        return "" if listed(host, names) else f"{host} stands for {found}, which is in {kind}"
    return ""


_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
"""Where clouds serve credentials outside the link-local ranges."""


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
