"""Signing in with OAuth 2: authorization code with PKCE, client credentials, and renewing both.

RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 8252 (programs on a person's own machine).
"""
