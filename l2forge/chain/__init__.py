"""L1: Solidity compiler and local node, deployment, typed contract clients."""
