"""RDF that a stranger gives, checked against the shapes in a process of its own."""
