"""The web application of Scrutiny Graph."""
