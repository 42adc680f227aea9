"""The peers: other servers that answer the same upload, and a library, each run by a module of its own.

None of them is a dependency. A peer is found on the PATH, or in the folders that BENCH_PEERS names, where
`npm install --prefix` and virtual environments put their programs.
"""
