"""The SPARQL endpoint and its query page."""
