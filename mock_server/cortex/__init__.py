"""Cortex raw embeddings: tenants and sub-tenants, vectors as matrices or in documents, search."""
