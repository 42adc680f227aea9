"""The conformance suite: says, clause by clause, whether a server keeps a documented contract."""
