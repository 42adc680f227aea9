"""Files as sources of text: folders that may be read, what stands in them, chunks of it, jobs and a list."""
