// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;
// slither-disable-start assembly,too-many-digits (field arithmetic, as docs/protocol.md has it; p and masks are hexadecimal)

/// @title The field F (Goldilocks) and its cubic extension K = F[X]/(X³ − X − 1)
/// @notice An element (c0, c1, c2) of K is one word of three lanes of 85 bits: c0 + c1·2^85 + c2·2^170.
///
/// A word is *reduced* when every lane is below p < 2^64. A reduced word leaves 21 spare bits a lane, so
/// - sums of up to 2^21 reduced words are plain additions,
/// - a − b is a + bias − b with a bias whose lanes are multiples of p and not below b's,
/// - products take lanes of any content (85 + 85 bits, at most five terms, fit 256 bits) and return a reduced word.
/// An element of F is a word with lane 0 only. A 256-bit challenge digest cut into 85-bit chunks
/// (docs/protocol.md, section 3) is, but for its highest bit, already such a word.
library Ext {
    /// p = 2^64 − 2^32 + 1.
    uint256 internal constant P = 0xffffffff00000001;
    /// A lane's mask.
    uint256 internal constant LANE = (1 << 85) - 1;
    /// p in every lane: the bias for subtracting a reduced word.
    uint256 internal constant BIAS = P | (P << 85) | (P << 170);

    /// @notice Every lane mod p.
    function reduce(uint256 a) internal pure returns (uint256 r) {
        // r = (a0 mod p, a1 mod p, a2 mod p)
        assembly ("memory-safe") {
            let p := 0xffffffff00000001
            let m := 0x1fffffffffffffffffffff
            r := or(
                mod(and(a, m), p),
                or(shl(85, mod(and(shr(85, a), m), p)), shl(170, mod(and(shr(170, a), m), p)))
            )
        }
    }

    /// @notice a·b, reduced. Lanes of a and b may be anything below 2^85.
    function mul(uint256 a, uint256 b) internal pure returns (uint256 r) {
        // d_k = Σ a_i·b_{k−i};  X³ = X + 1, X⁴ = X² + X:
        // r = (d0 + d3, d1 + d3 + d4, d2 + d4)
        assembly ("memory-safe") {
            let p := 0xffffffff00000001
            let m := 0x1fffffffffffffffffffff
            let a0 := and(a, m)
            let a1 := and(shr(85, a), m)
            let a2 := and(shr(170, a), m)
            let b0 := and(b, m)
            let b1 := and(shr(85, b), m)
            let b2 := and(shr(170, b), m)
            let d3 := add(mul(a1, b2), mul(a2, b1))
            let d4 := mul(a2, b2)
            r := mod(add(mul(a0, b0), d3), p)
            r := or(r, shl(85, mod(add(add(mul(a0, b1), mul(a1, b0)), add(d3, d4)), p)))
            r := or(r, shl(170, mod(add(add(mul(a0, b2), mul(a2, b0)), add(mul(a1, b1), d4)), p)))
        }
    }

    /// @notice a·b with b in F (b < 2^85), reduced.
    function mulBase(uint256 a, uint256 b) internal pure returns (uint256 r) {
        assembly ("memory-safe") {
            let p := 0xffffffff00000001
            let m := 0x1fffffffffffffffffffff
            r := mod(mul(and(a, m), b), p)
            r := or(r, shl(85, mod(mul(and(shr(85, a), m), b), p)))
            r := or(r, shl(170, mod(mul(and(shr(170, a), m), b), p)))
        }
    }

    /// @notice a − b, not reduced (lanes below 2p more than a's). b must be reduced.
    function sub(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            return a + BIAS - b;
        }
    }

    /// @notice a^(2^k), reduced.
    function squareTimes(uint256 a, uint256 k) internal pure returns (uint256) {
        for (; k != 0; --k) a = mul(a, a);
        return a;
    }

    /// @notice a^(2^k)·b for a, b in F.
    function powerTimes(uint256 a, uint256 k, uint256 b) internal pure returns (uint256 r) {
        assembly ("memory-safe") {
            let p := 0xffffffff00000001
            r := a
            for {} k { k := sub(k, 1) } { r := mulmod(r, r, p) }
            r := mulmod(r, b, p)
        }
    }

    /// @notice 1/a for a in F; 0 for 0 (callers exclude it).
    /// @dev a^(p−2), p − 2 = (2^32 − 1)·2^32 − 1 = (2^31 − 1)·2^33 + 2^32 − 1, from a_k = a^(2^k − 1): a_(i+j) is
    /// a_i^(2^j)·a_j.
    function inverseBase(uint256 a) internal pure returns (uint256) {
        uint256 a3 = powerTimes(powerTimes(a, 1, a), 1, a);
        uint256 a6 = powerTimes(a3, 3, a3);
        uint256 a12 = powerTimes(a6, 6, a6);
        uint256 a15 = powerTimes(a12, 3, a3);
        uint256 a31 = powerTimes(powerTimes(a15, 15, a15), 1, a);
        uint256 a32 = powerTimes(a31, 1, a);
        return powerTimes(a31, 33, a32);
    }

    /// @notice An element's words for sums of products with values below 2^64: see RowCombiner.
    function coefficient(uint256 a) internal pure returns (uint256 low, uint256 high) {
        assembly ("memory-safe") {
            let m := 0x1fffffffffffffffffffff
            let a1 := and(shr(85, a), m)
            low := or(and(a, m), shl(140, and(a1, 0xffffffffff)))
            high := or(shr(170, a), shl(140, shr(40, a1)))
        }
    }

    /// @notice The element that sums of at most 2^12 products of values with such words stand for; reduced.
    function sumOf(uint256 low, uint256 high) internal pure returns (uint256 r) {
        assembly ("memory-safe") {
            let p := 0xffffffff00000001
            let m := 0xfffffffffffffffffffffffffffffffffff
            r := mod(and(low, m), p)
            r := or(r, shl(85, mod(add(shr(140, low), shl(40, shr(140, high))), p)))
            r := or(r, shl(170, mod(and(high, m), p)))
        }
    }

    /// @notice The adjugate and the norm of a reduced a: a·adj = norm, norm in F.
    /// @dev The matrix of multiplication by a has the rows (a0, a2, a1), (a1, s, t), (a2, a1, s) with s = a0 + a2 and
    /// t = a1 + a2; adj is the cofactors of its first row, norm its determinant.
    function adjugate(uint256 a) internal pure returns (uint256 adj, uint256 norm) {
        unchecked {
            uint256 a0 = a & LANE;
            uint256 a1 = (a >> 85) & LANE;
            uint256 a2 = (a >> 170) & LANE;
            uint256 s = a0 + a2;
            uint256 t = a1 + a2;
            uint256 b0 = (s * s + 2 * P * P - a1 * t) % P;
            uint256 b1 = (a2 * t + 2 * P * P - a1 * s) % P;
            uint256 b2 = (a1 * a1 + 2 * P * P - a2 * s) % P;
            adj = b0 | (b1 << 85) | (b2 << 170);
            norm = (a0 * b0 + a2 * b1 + a1 * b2) % P;
        }
    }

    /// @notice 1/a, reduced; 0 for 0 (callers exclude it).
    function inverse(uint256 a) internal pure returns (uint256) {
        (uint256 adj, uint256 norm) = adjugate(a);
        return mulBase(adj, inverseBase(norm));
    }
}
// slither-disable-end assembly,too-many-digits
