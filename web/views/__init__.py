"""The special views of entity pages, one module for each kind of thing."""
