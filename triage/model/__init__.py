"""The words of the program: frozen dataclasses and pure functions.

No input or output, no clock (``now`` is an argument), no import from any other room.
"""
