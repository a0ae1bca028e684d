"""SPARQL 1.1 stores that a person named by their address: read, and loaded."""
