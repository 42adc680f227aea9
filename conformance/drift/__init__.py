"""Compares two servers of one service: the clauses and the undocumented choices in which they differ."""
