"""What a proof states: signed messages, state, chips, and the batch that joins them."""
