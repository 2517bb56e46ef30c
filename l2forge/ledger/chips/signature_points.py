"""Fixed points of the signature circuit, as plain chord-and-tangent points of the order-n subgroup.

OFFSET = T is added to every entry of the tables of multiples, so that no entry is the neutral element. START
is the sum before the first window: −2·Σ_{i<64} 32^i/32^63 · T, so that after 64 windows, each of which adds
two entries, nothing of T is left.

Nobody knows a logarithm of T to the generator, since T is the hash of a text: with r = Σ_k keccak256(text ‖
byte k)·z^k mod p, x is r², and y the root of x(x² + 2x + 263z) whose first coefficient is even. The number at
the text's end counts the texts that were tried: the first one gave a point. A test derives both points.
"""

from __future__ import annotations

from l2forge.ledger.fp5 import Fp5

WINDOW_BITS = 5
"""Bits of a scalar that one row takes in: 64 rows for 320 bits, and 32 multiples of a key."""
N_WINDOWS = 64
N_MULTIPLES = 1 << WINDOW_BITS

OFFSET_TEXT = "l2forge/ledger/signature/offset/0"

OFFSET: tuple[Fp5, Fp5] = (
    (
        932533383866403068,
        13225375547343641409,
        8444132680450011494,
        15450374624595275555,
        540239910224905659,
    ),
    (
        3045792114686659666,
        4681393919096556451,
        12244392329980631362,
        9685677761120775015,
        947455027420227067,
    ),
)
START: tuple[Fp5, Fp5] = (
    (
        11247856846669954553,
        14089114305966345316,
        3781449789009069272,
        8320681423963272232,
        13375515593376173204,
    ),
    (
        7864552631695951368,
        1206769732415899531,
        11160725230838120283,
        12642571682837935170,
        4752605081325677079,
    ),
)
