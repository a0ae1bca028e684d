"""Hostile queries and requests against a real server: bounded, on the loopback only."""
