"""Strangers' queries in processes that can be killed: the pool, its lanes and queues, and what a worker does."""
