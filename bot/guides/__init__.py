"""Guided filing: the language guides are written in, and a person's run through one. Knows no channel."""
