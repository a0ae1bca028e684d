"""The stored questions: the library, their parameters, and their answers."""
