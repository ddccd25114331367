/** Updates that nobody can fetch, or not everybody: the aggregators help and attest it to one another, and the round goes on. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type FederationClient, transact } from '../../client/chain/federation.ts';
import { type ProposedAggregate, proposedRounds } from '../../client/chain/rounds.ts';
import { createSender, type Sender } from '../../client/chain/sender.ts';
import { packTerms } from '../../client/chain/updateTerms.ts';
import { digestOfCid } from '../../client/core/cid.ts';
import { updateToBytes } from '../../client/core/codec.ts';
import { buildUpdateTree, commitUpdate } from '../../client/core/commitment.ts';
import { toHex } from '../../client/core/hash.ts';
import { sumTreeRoot } from '../../client/core/sumTree.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { bindingOf } from '../../client/node/updates.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { FederationRun, longestTestMs } from './federationRun.ts';

const scarce = developmentWallet(2);
/** Half a turn is searched, by the wall's clock too. */
const turnSeconds = 20;

describe('an update that is hard to get', function () {
  this.timeout(longestTestMs);
  let run: FederationRun;
  let federation: FederationClient;
  let sender: Sender;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open({ turnSeconds });
    // the chain's clock waits for what the test submits itself
    run.clock.works('test');
    federation = run.federation();
    sender = createSender(scarce, run.anvil.provider);
  });
  afterEach(() => run.close());

  it('is left out when the other aggregators attest that they could not fetch it either', async () => {
    const aggregators = await startAggregators();
    await submitScarceUpdate();
    expect(await firstProposal()).to.deep.include({ omitted: [scarce.address] });
    expect(await secondsAfterDeadline()).to.be.below(2 * turnSeconds);
    const attested = await Promise.all(aggregators.map(({ event }) => event('attested', ({ round }) => round === 1)));
    expect(attested.map(({ inputs }) => inputs)).to.deep.equal([1, 1]);
    expect(attested[0]!.inputsRoot).to.equal(attested[1]!.inputsRoot);
  });

  it('is left out after two turns when no other aggregator answers', async () => {
    await startAggregators();
    await run.lose(4);
    await submitScarceUpdate();
    expect(await firstProposal()).to.deep.include({ omitted: [scarce.address] });
    const waited = await secondsAfterDeadline();
    expect(waited).to.be.at.least(2 * turnSeconds);
    expect(waited).to.be.below(4 * turnSeconds);
  });

  it('is taken in when only one aggregator got it: the others find it there', async () => {
    const aggregators = await startAggregators();
    let served = 0;
    const server = http.createServer((_, response) => {
      served++;
      response.statusCode = served === 1 ? 200 : 404;
      response.end(served === 1 ? updateToBytes(values) : undefined);
    });
    const values = await newUpdate();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await transact(sender, 'announcing', federation.addresses.federation, 'Federation', 'announceEndpoint', [url]);
      await submitScarceUpdate();
      const { proposal, omitted } = await firstProposal();
      expect([proposal.inputCount, omitted]).to.deep.equal([2, []]);
      for (const aggregator of aggregators) {
        await aggregator.event('fetched', ({ round, trainer }) => round === 1 && trainer === scarce.address);
      }
    } finally {
      server.close().closeAllConnections();
    }
  });

  /** Both have joined. */
  async function startAggregators() {
    const aggregators = [run.start('aggregator', 3), run.start('aggregator', 4)];
    for (const aggregator of aggregators) await aggregator.event('joined');
    return aggregators;
  }

  async function newUpdate(): Promise<Int16Array> {
    const { dimension } = await federation.readTask();
    return Int16Array.from({ length: dimension }, (_, index) => (index % 7) - 3);
  }

  /** With an honest trainer beside it. */
  async function submitScarceUpdate(): Promise<void> {
    const { token, stake, federation: address } = federation.addresses;
    await federation.sync();
    const { trainerStakeWei } = federation.parameters();
    await transact(sender, 'approving', token, 'TributaryToken', 'approve', [stake, trainerStakeWei]);
    await transact(sender, 'depositing', stake, 'Stake', 'deposit', [address, trainerStakeWei]);
    await transact(sender, 'joining', address, 'Federation', 'joinAsTrainer', []);
    await run.start('trainer', 1).event('joined');
    const values = await newUpdate();
    const root = sumTreeRoot(buildUpdateTree(values));
    const commitment = commitUpdate({ ...bindingOf(federation), round: 1, trainer: scarce.address }, root.hash);
    const cid = digestOfCid((await buildDag(updateToBytes(values))).root);
    const args = [packTerms({ round: 1, squaredNorm: root.sum, weight: 1 }), toHex(commitment), toHex(cid)];
    await transact(sender, 'submitting', address, 'Federation', 'submitUpdate', args);
    run.clock.leaves('test');
  }

  async function firstProposal(): Promise<ProposedAggregate> {
    for (;;) {
      await federation.sync();
      const [first] = proposedRounds(federation.state);
      if (first !== undefined) return first.proposed;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function secondsAfterDeadline(): Promise<number> {
    const { blockNumber } = await firstProposal();
    const block = await run.anvil.provider.getBlock(blockNumber);
    return block!.timestamp - federation.state.rounds.get(1)!.submissionDeadline;
  }
});
