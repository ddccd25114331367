/** Which transactions of its own account a process takes for another's, whatever the chain's machines answer. */
import { expect } from 'chai';
import { emptyState, type Round } from '../../client/chain/rounds.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { Instance } from '../../client/participant/instance.ts';
import { createKeyWatch } from '../../client/participant/keyWatch.ts';
import { expectRejection } from '../governance/expectCode.ts';

const account = developmentWallet(1).address;

function stage(over: Partial<Instance> = {}) {
  const state = emptyState();
  state.endpoints.set(account, 'http://own');
  const nonces = new Map<string, number>();
  const signers = new Map<string, string>();
  const asked: string[] = [];
  const provider = {
    getTransaction: async (hash: string) => {
      asked.push(hash);
      return nonces.has(hash) ? { nonce: nonces.get(hash), from: signers.get(hash) ?? account } : null;
    },
  };
  const federation = { state, provider, head: () => ({ number: 9 }) };
  const instance: Instance = {
    id: '00'.repeat(16),
    endpoint: 'http://own',
    earlierEndpoint: '',
    sinceBlock: 9,
    earlierSubmissions: new Set(['0xearlier']),
    key: account,
    firstNonce: 5,
    hasSigned: (hash) => hash === '0xown',
    renew: async () => undefined,
    hold: () => undefined,
    ...over,
  };
  const signal = new AbortController().signal;
  const node = { federation, account, addresses: {}, report: () => undefined, signal };
  const submit = (round: number, transactionHash: string) => {
    const submissions = new Map([[account, { trainer: account, transactionHash }]]);
    state.rounds.set(round, { number: round, submissions } as unknown as Round);
  };
  return { look: createKeyWatch(node as never, instance), submit, nonces, signers, asked };
}

describe('the watch over a key', () => {
  it('asks nobody about what this process has signed, or was there before it', async () => {
    const { look, submit, asked } = stage();
    submit(1, '0xearlier');
    submit(2, '0xown');
    expect(await look()).to.equal(false);
    expect(asked).to.deep.equal([]);
  });
  it('takes what was on its way when the process started for that of the one before it', async () => {
    const { look, submit, nonces, asked } = stage();
    submit(1, '0xpending');
    nonces.set('0xpending', 4);
    await look();
    await look();
    expect(asked).to.deep.equal(['0xpending']);
  });
  it('ends the process where another has submitted, and not before a machine gives the transaction', async () => {
    const { look, submit, nonces } = stage();
    submit(1, '0xother');
    expect(await look()).to.equal(false);
    nonces.set('0xother', 5);
    await expectRejection(
      look(),
      'KEY_IN_USE',
      /transaction 0xother has submitted to round 1, and this process did not send it\. Stop that one/,
    );
  });
  it('ends the process where another key of the account has submitted, whatever its nonces are', async () => {
    const { look, submit, nonces, signers } = stage();
    submit(1, '0xother');
    nonces.set('0xother', 4);
    signers.set('0xother', developmentWallet(2).address);
    await expectRejection(look(), 'KEY_IN_USE', /transaction 0xother has submitted to round 1/);
  });
  it('judges no announcement before the block of its own, and none that stood before it', async () => {
    expect(await stage({ endpoint: 'http://new', sinceBlock: 10 }).look()).to.equal(false);
    expect(await stage({ endpoint: 'http://new', earlierEndpoint: 'http://own' }).look()).to.equal(false);
    expect(await stage({ endpoint: '', earlierEndpoint: 'http://own' }).look()).to.equal(false);
  });
  it('ends the process that no longer holds its folder', async () => {
    const lost = new Error('lost');
    const { look } = stage({
      hold() {
        throw lost;
      },
    });
    expect(await look().catch((error: unknown) => error)).to.equal(lost);
  });
});
