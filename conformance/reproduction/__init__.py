"""Reproductions: a test file for each broken clause that shows the fault without the suite."""
