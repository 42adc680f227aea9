"""Trivial servers: they answer, and do not do the work at all."""
