import { expect } from 'chai';
import { AbiCoder, keccak256, zeroPadValue } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import { developmentWallet } from '../../../client/node/key.ts';

const modelRoot = fromHex(`0x${'ab'.repeat(16)}${'01'.repeat(16)}`);
const accounts = Array.from({ length: 40 }, (_, index) => developmentWallet(index).address);
const drawn = (root: Uint8Array, evaluators: number, committee: number) =>
  accounts.filter((account) => isDrawn(account, root, evaluators, committee));

describe('the lot', () => {
  it('is no lot where there are no more evaluators than seats', () => {
    expect(drawn(modelRoot, 8, 8)).to.have.length(accounts.length);
  });

  it("is the contract's: the last 16 bytes of the model's root and the account, against the share of seats", () => {
    const seed = zeroPadValue(toHex(modelRoot.slice(16)), 32);
    const expected = accounts.filter((account) => {
      const lot = keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'address'], [seed, account]));
      return BigInt(lot) < ((2n ** 256n - 1n) / 40n) * 10n;
    });
    expect(drawn(modelRoot, 40, 10)).to.deep.equal(expected);
    expect(expected).to.have.length.within(3, 20);
  });

  it('falls otherwise for another model', () => {
    expect(
      drawn(
        modelRoot.map((byte) => byte ^ 1),
        40,
        10,
      ),
    ).not.to.deep.equal(drawn(modelRoot, 40, 10));
  });
});
