"""The search: what can be found, how words and dates are compared, and how results are ranked."""
