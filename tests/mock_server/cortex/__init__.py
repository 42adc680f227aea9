"""Tests of mock_server.cortex."""
