"""Reads and validates knowledge/: the only place that knows how the YAML files are built."""
