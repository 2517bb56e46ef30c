// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Tokens that do what a careless venue would not survive.
contract OddToken is ERC20 {
    uint8 private immutable DECIMALS;
    uint256 private immutable FEE; // kept back from every transfer

    address private hook; // called during transfers, with hookData
    bytes private hookData;
    bool public reentered;

    constructor(uint8 decimals_, uint256 fee) ERC20("Odd", "ODD") {
        DECIMALS = decimals_;
        FEE = fee;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    function mint(address to, uint256 units) external {
        _mint(to, units);
    }

    function setHook(address to, bytes calldata data) external {
        hook = to;
        hookData = data;
    }

    function _update(address from, address to, uint256 units) internal override {
        super._update(from, to, units);
        if (FEE != 0 && from != address(0) && to != address(0)) super._update(to, address(1), FEE);
        if (hook != address(0)) {
            (bool done,) = hook.call(hookData);
            reentered = reentered || done;
        }
    }
}
