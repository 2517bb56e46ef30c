"""The proof kernel: field, hashes, commitments, FRI, prover, verifier, security accounting."""
