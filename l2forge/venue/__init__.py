"""The running venue: sequencer, journal, batcher, provers, API, keepers, sources of prices."""
