"""Helpdesks: the port, the one HTTP transport, one file per helpdesk, and the registry of adapters."""
