"""The canonical form of a spec: what its hash is taken of.

JSON with sorted keys and no spaces, in UTF-8, of every key after presets and defaults; absent optional keys
are left out. Values with units take one spelling per value (l2forge.units), addresses are in lower case, the
order of arrays is kept. Two specs that mean the same, key by key, thus have the same hash, whatever their
layout, comments and spelling; what a default was is in the hash, so that a changed default never changes a
venue in silence.
"""

from __future__ import annotations

import json

from l2forge.spec.models import Spec


def canonical_json(spec: Spec) -> str:
    """The canonical form of a spec."""
    tree = spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
