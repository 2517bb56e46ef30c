"""The L1 side: the pinned tool chain, the Solidity compiler, the local node, deployment, contract clients.

node → toolchain → solc, anvil          programs from npm, installed once per user
accounts → client → deploy              web3: keys, typed calls, resumable deployments
"""
