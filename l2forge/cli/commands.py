"""The commands that exist, in the order of the help page, each with its one line of help.

The lines stand here, and not only in the commands' docstrings, so that `l2forge --help` imports none of
them; a test holds the two together.
"""

COMMANDS: dict[str, str] = {
    "new": "Create a venue's project: spec, risk page, tests, CI.",
    "presets": "List the presets, or print one.",
    "check": "Find all errors of specs at once, and warn of risks.",
    "explain": "Say what follows from a spec: exits, trust, costs.",
    "plan": "Say what a spec changes in a build, and for whom.",
    "compare": "Run one order flow through several specs, in memory.",
    "build": "Compile a spec into a build directory.",
    "up": "Launch a venue: local chain, contracts, sequencer, prover.",
    "down": "Stop a venue in order; `up` goes on from there.",
    "status": "Say how a venue is: processes, batches, proofs.",
    "logs": "Print what a venue's processes say, in one stream.",
    "demo": "Show a whole venue: deposit, trade, proof, withdrawal.",
    "reset": "Forget a venue that is down: its journal, its local chain.",
    "prove": "Prove a batch: run it, fill the tables, prove them.",
    "verify": "Check a proof against its public values and its spec.",
    "message": "Check hash and signature of every message of a file.",
    "schema": "Print the JSON Schema of a spec.",
    "explain-error": "Explain a code of `l2forge check`, or list all codes.",
    "doctor": "Check this machine for what l2forge needs, and mend it.",
}
