"""A client of both services that is careful in everything, and faults that make it careless in one thing."""
