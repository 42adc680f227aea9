"""The tests of vecpact: the contract data, the mock server and the conformance suite."""
