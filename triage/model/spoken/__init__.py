"""Times as people say them: a clock time, a day, a length of time, a zone, and the moment they mean."""
