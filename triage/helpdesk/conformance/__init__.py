"""What every helpdesk adapter must do, as checks that run against a server.

`triage.helpdesk.conformance.suite.examine` runs them; ``triage adapter check`` does so from the shell, and
a package with an adapter of its own may do so in its tests. Reading changes nothing. Writing happens only
when asked for, on one named ticket, and leaves its notes there.
"""
