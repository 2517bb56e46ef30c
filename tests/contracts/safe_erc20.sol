// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What slither reads in place of OpenZeppelin's SafeERC20: see slither.py.
library SafeERC20 {
    function safeTransfer(IERC20 token, address to, uint256 units) internal {
        require(token.transfer(to, units));
    }

    function safeTransferFrom(IERC20 token, address from, address to, uint256 units) internal {
        require(token.transferFrom(from, to, units));
    }
}
