"""Moorcheh on-prem: namespaces of text or vectors, uploads by job, one cap on items, search."""
