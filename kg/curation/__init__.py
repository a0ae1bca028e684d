"""What curators write: shorthand, excerpts and passages, checked against the texts."""
