"""The integer formulas of a venue, each once: margin, funding, fees, liquidation, curve."""
