"""The benchmark of the mock: what it costs beside its floors, and beside its peers, in one run.

`python -m bench` measures every row of the table in docs/performance.md and writes it anew.
"""
