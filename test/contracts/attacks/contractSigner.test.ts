/** A contract decides anew at every question what it has signed: it must not attest where two signatures are to cost a bond. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { id } from 'ethers';
import { aggregatorBondWei, type Founded, found, parameters } from '../deployment.ts';
import { attest } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** A contract that is an aggregator from round 2 on. */
async function joinAsContract(founded: Founded, owner: HardhatEthersSigner, attempts: Attempts) {
  const { ethers, federation, stake, token, time } = founded;
  const account = await ethers.deployContract('ContractAccount', owner);
  await token.transfer(account, aggregatorBondWei);
  await account.execute(token, token.interface.encodeFunctionData('approve', [stake.target, aggregatorBondWei]));
  const deposit = stake.interface.encodeFunctionData('deposit', [await federation.getAddress(), aggregatorBondWei]);
  await account.execute(stake, deposit);
  const join = federation.interface.encodeFunctionData('joinAsAggregator');
  await attempts.take('joining', () => account.execute(federation, join));
  await time.increase(3 * parameters.submissionSeconds);
  await federation.skipRound(1);
  return account;
}

/** It answers with another code, as where it stands behind a proxy, or reads who its owner is. */
async function attackBySmartAccount(founded: Founded, owner: HardhatEthersSigner) {
  const { challenges, federation, stake, stranger, provider } = founded;
  const attempts = new Attempts();
  const account = await joinAsContract(founded, owner, attempts);
  const roots = [id('inputs'), id('other inputs')] as const;
  const signer = await account.getAddress();
  const [first] = await attest(founded, 2, roots[0], [owner]);
  const [second] = await attest(founded, 2, roots[1], [owner]);
  const wasElector = await federation.mayAttest(signer, 2);
  const refusing = '0x5f5f5260205ff3';
  await provider.request({ method: 'hardhat_setCode', params: [signer, refusing] });
  await attempts.take('refutation', () =>
    challenges.inputs
      .connect(stranger)
      .refuteSignatures(federation, 2, ...roots, { ...first!, signer }, { ...second!, signer }),
  );
  const bondedWei = await stake.bondedWei(federation, signer);
  return { attempts, outcome: { attestsForFree: wasElector && bondedWei === aggregatorBondWei } };
}

describe('Attack: a contract that signs', () => {
  it('does not attest two inputs for nothing', async () => {
    const asItWas = { attestsForFree: true };
    const asItMustBe = { attestsForFree: false };
    const founded = await found();
    const { attempts, outcome } = await attackBySmartAccount(founded, founded.accounts[15]!);
    expect(outcome, `${attempts}`).to.deep.equal(asItWas);
    expect(outcome, `${attempts}`).to.not.deep.equal(asItMustBe);
  });
});
