// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What StarkVerifier calls for a range of a proof's queries
interface IQueryVerifier {
    /// @notice Checks queries `from` to `to` (positions among the distinct queries) of the proof with this block.
    /// @param block_ the challenge block, see QueryVerifier
    /// @param chunk their part of the proof's body
    /// @dev Reverts with the step that failed.
    function check(uint256[] calldata block_, uint256 from, uint256 to, bytes calldata chunk) external view;
}
