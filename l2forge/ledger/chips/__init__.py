"""The chips of a venue's proof: what a batch of the ledger must satisfy, one table each."""
