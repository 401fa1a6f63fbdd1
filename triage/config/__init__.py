"""Settings, profiles, secrets and places of files. Light on purpose: it runs before the first frame."""
