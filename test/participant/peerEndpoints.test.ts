import { expect } from 'chai';
import { emptyState } from '../../client/chain/rounds.ts';
import { peerEndpoints } from '../../client/participant/participant.ts';

describe('the addresses where blobs are looked for', () => {
  const state = emptyState();
  const announce = (account: string) => state.endpoints.set(account, `http://${account}`);

  before(() => {
    announce('founder');
    for (let i = 0; i < 1000; i++) announce(`stranger${i}`);
    for (const account of ['trainer', 'aggregator', 'proposer', 'self']) announce(account);
    state.trainers.set('trainer', 1).set('self', 1).set('hidden', 1);
    state.aggregators.add('aggregator').add('proposer');
  });

  it('are those of the named accounts, of the members, and of a few others, whoever floods the chain with addresses', () => {
    const found = peerEndpoints({ state }, 'self', ['proposer']);
    const first = ['proposer', 'aggregator', 'trainer', 'founder', 'stranger0'];
    expect(found.slice(0, 5)).to.deep.equal(first.map((account) => `http://${account}`));
    expect(found).to.have.length(3 + 16);
  });

  it('are also those of a stranger that is named, and none comes twice', () => {
    state.endpoints.set('aggregator', 'http://proposer');
    const found = peerEndpoints({ state }, 'self', ['stranger900']);
    expect(found.slice(0, 3)).to.deep.equal(['http://stranger900', 'http://proposer', 'http://trainer']);
  });
});
