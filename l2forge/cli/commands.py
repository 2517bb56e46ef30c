"""The commands that exist, in the order of the help page, each with its one line of help.

The lines stand here, and not only in the commands' docstrings, so that `l2forge --help` imports none of
them; a test holds the two together.
"""

COMMANDS: dict[str, str] = {
    "new": "Create a venue's project: spec, README, risk page, tests, CI.",
    "presets": "List the presets, or print one: complete, commented specs to start from.",
    "check": "Check specs: all errors at once, then warnings about their economics.",
    "explain": "Say what follows from a spec: leaving, trust, security, costs, leverage, prices, governance.",
    "build": "Compile a spec into a build directory; the same spec gives the same bytes.",
    "schema": "Print the JSON Schema of a spec, for editors that complete and check TOML.",
    "explain-error": "Explain a code of `l2forge check`; without a code, list them all.",
    "doctor": "Check this machine for what l2forge needs, and mend what is missing.",
}
