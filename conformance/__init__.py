"""The conformance suite: says, clause by clause, whether a server or a client keeps a documented contract."""
