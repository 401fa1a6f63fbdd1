"""Triage: a terminal program for the people who are paged when a customer's ticket reaches engineering."""

__version__ = "0.1.0"
