"""Scrutiny Graph: an evidence-backed knowledge graph of how children's services were inspected and judged."""

__version__ = "0.1.0"
