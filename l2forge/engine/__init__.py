"""The running engines: matching, risk, funding, liquidation, oracle aggregation."""
