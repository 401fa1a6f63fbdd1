"""The same verbs for the shell: stdout is data, stderr is narration, errors are one line."""
