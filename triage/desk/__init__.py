"""What a person can do: one use case per verb, and the only place where concrete parts are wired."""
