"""The rows of the table, by what they measure; importing a module registers its rows."""
