/** Signatures of accounts that are contracts: what the contract answers counts, and nothing that only looks like it. */
import { expect } from 'chai';
import { makeError } from 'ethers';
import { isSignedByContract, rememberForBlock } from '../../client/chain/contractSignatures.ts';
import { unreachable } from '../../client/chain/failure.ts';
import { expectRejection } from '../governance/expectCode.ts';

const asked = {
  asker: `0x${'11'.repeat(20)}`,
  account: `0x${'22'.repeat(20)}`,
  digest: `0x${'33'.repeat(32)}`,
  signature: `0x${'44'.repeat(65)}`,
};
const magic = `0x1626ba7e${'00'.repeat(28)}`;

function answering(answer: string | Error) {
  const calls: unknown[] = [];
  const call = async (request: unknown) => {
    calls.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { calls, sign: () => isSignedByContract({ call: call as never }, asked) };
}

describe('a signature of a contract', () => {
  it('counts for nothing where there is no contract, or it answers anything else', async () => {
    for (const answer of ['0x', '0x1626ba7e', `0xffffffff${'00'.repeat(28)}`, `0x${'00'.repeat(32)}`, `${magic}00`]) {
      expect(await answering(answer).sign(), answer).to.equal(false);
    }
  });
  it('counts for nothing where the contract refuses, and is not known where the chain does not answer', async () => {
    const reverted = makeError('execution reverted', 'CALL_EXCEPTION', { data: '0x' } as never);
    expect(await answering(reverted).sign()).to.equal(false);
    await expectRejection(
      answering(unreachable('calling', 'timeout')).sign(),
      'CHAIN_UNREACHABLE',
      /whether it has signed/,
    );
  });
  it('counts where the contract says so, asked in the name of the federation', async () => {
    const { calls, sign } = answering(magic);
    expect(await sign()).to.equal(true);
    const [{ from, to, data }] = calls as [{ from: string; to: string; data: string }];
    expect([from, to, data.slice(0, 74)]).to.deep.equal([asked.asker, asked.account, `0x1626ba7e${'33'.repeat(32)}`]);
  });
  it('is asked about once for each block, and again after a failure', async () => {
    let block = 1;
    let asks = 0;
    const remember = rememberForBlock<number>(() => block);
    const ask = async () => {
      if (++asks === 4) throw new Error('failed');
      return asks;
    };
    expect(await Promise.all([remember('a', ask), remember('a', ask), remember('b', ask)])).to.deep.equal([1, 1, 2]);
    block = 2;
    expect(await remember('a', ask)).to.equal(3);
    expect(await remember('c', ask).catch(() => 'failed')).to.equal('failed');
    expect([await remember('c', ask), await remember('c', ask)]).to.deep.equal([5, 5]);
  });
});
