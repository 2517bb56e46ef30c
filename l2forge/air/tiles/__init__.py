"""The tile interpreter: a table's graph as a linear program over vector registers of a tile of rows."""
