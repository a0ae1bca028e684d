"""The SPARQL 1.1 Protocol against a real server, without the W3C suites at hand."""
