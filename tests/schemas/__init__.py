"""Tests that police the contract data in schemas/."""
