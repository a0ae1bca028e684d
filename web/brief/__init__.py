"""The scrutiny brief: one council, one period, on paper."""
