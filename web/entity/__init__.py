"""The page of a thing: its head, its statements in reading order, and the data about it."""
