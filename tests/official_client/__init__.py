"""The official Moorcheh client works against the mock over a real socket, in all it does with vectors."""
