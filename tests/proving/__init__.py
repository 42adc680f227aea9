"""Proves the suite itself: run on mutants of the mock, one or two at a time, it must name what they break."""
