"""Tests of the mock server, one module for each of its own."""
