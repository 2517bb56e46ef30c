"""l2forge: one TOML file becomes a running, STARK-proven derivatives venue."""

__version__ = "0.1.0"
