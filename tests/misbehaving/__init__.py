"""Misbehaving servers: real sockets that break the rules of HTTP, or of good manners, each in one way."""
