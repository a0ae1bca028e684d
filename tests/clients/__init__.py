"""SPARQL clients that are not ours, against the real data served by `kg serve`."""
