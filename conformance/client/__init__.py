"""The suite for clients: a program that speaks lines, the mock it talks to, and what was on the wire."""
