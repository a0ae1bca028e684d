"""The W3C suites for SPARQL, run over HTTP against `kg serve`: see docs/conformance.md."""
