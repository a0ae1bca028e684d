"""Tests of Scrutiny Graph."""
