// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title What slither must report: see test_slither.py.
contract Defects {
    using SafeERC20 for IERC20;

    IERC20 public immutable TOKEN;
    mapping(address owner => uint256) public claims;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function credit(uint256 units) external {
        claims[msg.sender] += units;
    }

    /// @dev The owner is paid before the claim is cleared: a token that calls the owner lets them claim again.
    function claim() external {
        TOKEN.safeTransfer(msg.sender, claims[msg.sender]);
        claims[msg.sender] = 0;
    }

    /// @dev A token that returns false has paid nothing.
    function pay(address to, uint256 units) external {
        TOKEN.transfer(to, units);
    }

    /// @dev A reason for what is not there, and no reason for what is.
    function double(uint256 units) external pure returns (uint256 doubled) {
        // slither-disable-next-line timestamp (nothing here reads a clock)
        doubled = units;
        // slither-disable-next-line assembly
        assembly {
            doubled := shl(1, doubled)
        }
    }
}
