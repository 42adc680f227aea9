"""The floors: the smallest programs that do a part of the mock's work, for the mock to be compared with."""
