"""Tests of the benchmark: what it says of samples, not how long anything takes."""
