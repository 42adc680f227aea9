"""Tests of conformance.client."""
