"""How the bus `node` names nodes: the tuple is (label, level, index, digest before (4), digest after (4)).

The label of a tree is the address of the first word of its leaf 0, so that leaf `index` has the address
label + 2^8·index. The two halves of the state tree count as trees of their own: accounts, and *globals*,
whose leaf 0 is the venue and leaf 1 + m market m. Levels of the four sorts of trees begin 2^32 apart: steps
of one level, of which a proof has fewer than 2^24, never lead from one sort to another.
"""

from __future__ import annotations

from l2forge.ledger.layout import ACCOUNT_BITS, INDEX_SHIFT, KEY_BITS, KIND_SHIFT, SLOT_BITS, Kind

NODE = "node"

WORDS = 1 << INDEX_SHIFT
"""Addresses of a leaf."""
ACCOUNTS = Kind.ACCOUNT << KIND_SHIFT
GLOBALS = (Kind.MARKET << KIND_SHIFT) - WORDS
"""Label of the globals, as market m is leaf 1 + m."""
VENUE_SHIFT = GLOBALS - (Kind.VENUE << KIND_SHIFT)
"""What leads from the venue's address to the label of its tree, mod p."""

BASE_LEVEL = {
    Kind.ACCOUNT: 0,
    Kind.KEY: 1 << 32,
    Kind.ORDER: 2 << 32,
    Kind.MARKET: 3 << 32,
    Kind.VENUE: 3 << 32,
}
"""Level of leaves, by their kind."""
ROOT_LEVEL = ACCOUNT_BITS + 1
"""Level of the state's root; below it are the roots of accounts, level 20, and of globals, 3·2^32 + 20."""
KEYS_LEVEL = BASE_LEVEL[Kind.KEY] + KEY_BITS
ORDERS_LEVEL = BASE_LEVEL[Kind.ORDER] + SLOT_BITS
"""Levels of the roots of key trees and order trees."""


def keys_label(account: int) -> int:
    """Label of the key tree of an account."""
    return (Kind.KEY << KIND_SHIFT) + (account << (KEY_BITS + INDEX_SHIFT))


def orders_label(key: int) -> int:
    """Label of the order tree of the key whose leaf has this index."""
    return (Kind.ORDER << KIND_SHIFT) + (key << (SLOT_BITS + INDEX_SHIFT))
