"""Tests of the Moorcheh service, one module for each of its own."""
