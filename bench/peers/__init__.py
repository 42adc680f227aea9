"""The peers: other servers that answer the same upload, each started and stopped by a module of its own.

None of them is a dependency. A peer is found on the PATH, or in the folder that BENCH_PEERS names, where
`npm install --prefix` and a virtual environment put their programs.
"""
