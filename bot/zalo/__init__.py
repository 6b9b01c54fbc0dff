"""Zalo around its channels: settings, what is kept for them, building, commands and the doctor's checks."""
