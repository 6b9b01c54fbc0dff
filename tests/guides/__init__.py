"""Tests of guided filing."""
