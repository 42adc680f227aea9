"""Tests of files as sources of text."""
