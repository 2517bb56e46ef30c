"""One order flow through the in-memory venues of several specs, and what it shows about their designs."""
