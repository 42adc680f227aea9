"""Tests of what Moorcheh's checks stand on: driver, payloads, breakages, filling."""
