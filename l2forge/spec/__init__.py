"""The spec: models, TOML loading with line numbers, presets, derived disclosures."""
