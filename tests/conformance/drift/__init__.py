"""Tests of the comparison of two servers."""
