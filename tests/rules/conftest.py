"""Hypothesis settings of the rules: a first call compiles, so no deadline; more examples, since they are
cheap.
"""

from hypothesis import settings

settings.register_profile("rules", deadline=None, max_examples=300)
settings.load_profile("rules")
