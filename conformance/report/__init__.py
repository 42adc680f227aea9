"""Reports: the verdicts of a run for a person, for a program, and for a CI system."""
