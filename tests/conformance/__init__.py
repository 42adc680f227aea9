"""Tests of the conformance suite's own machinery."""
