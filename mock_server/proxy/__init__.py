"""The proxy: passes traffic to a foreign server through unchanged, and says which clauses it breaks."""
