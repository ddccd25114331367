/** Updates that nobody can fetch, or not everybody: electors help and attest it to one another, and the round goes on. */
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
import { bindingOf } from '../../client/participant/rounds/updates.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { FederationRun } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

const scarce = developmentWallet(2);
const turnSeconds = 20;

describe('an update that is hard to get', () => {
  let run: FederationRun;
  let federation: FederationClient;
  let sender: Sender;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open({ turnSeconds, minimumUpdates: 1 });
    // the chain's clock waits for what the test submits itself
    run.clock.works('test');
    federation = run.federation();
    sender = createSender(scarce, run.anvil.provider);
  });
  afterEach(() => run.close());

  it('is left out when a majority attests that it could not fetch it either, and its trainer gets a mark', async () => {
    const electors = await startElectors();
    await submitScarceUpdate();
    expect(await firstProposal()).to.deep.include({ omitted: [scarce.address] });
    expect(await secondsAfterDeadline()).to.be.below(2 * turnSeconds);
    await until(() => federation.state.rounds.get(1)!.unserved.has(scarce.address));
    // two of three are a majority: the third may come too late to be needed
    await until(() => attestationsOf(electors).length >= 2);
    const { proposal } = await firstProposal();
    for (const { inputs, inputsRoot } of attestationsOf(electors)) {
      expect({ inputs, inputsRoot }).to.deep.equal({ inputs: 1, inputsRoot: toHex(proposal.inputsRoot) });
    }
  });

  it('is waited for with the round while too few electors answer, who are named, and the round is skipped', async () => {
    const [aggregator] = await startElectors();
    await Promise.all([run.lose(4), run.lose(6)]);
    await submitScarceUpdate();
    const missing = await aggregator!.event('attestationsMissing', ({ round }) => round === 1);
    expect(missing.silent).to.have.members([4, 6].map((account) => developmentWallet(account).address));
    expect(missing).to.include({ given: 1, needed: 2 });
    await until(() => federation.state.rounds.get(1)!.skipped);
    const { chainTime } = federation;
    expect(chainTime()).to.be.at.least(missing.skippedAt);
  });

  it('is taken in when only one elector got it: the others find it there', async () => {
    // whoever it is can be reached
    const electors = await startElectors('127.0.0.1:0');
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
      for (const elector of electors) {
        await elector.event('fetched', ({ round, trainer }) => round === 1 && trainer === scarce.address);
      }
    } finally {
      server.close().closeAllConnections();
    }
  });

  /** Two aggregators and an evaluator, which have joined; nobody can reach the evaluator unless it listens. */
  async function startElectors(listen = 'off') {
    const evaluator = ['--source', 'mnist?set=heldOut&seed=1', '--listen', listen];
    const electors = [run.start('aggregator', 3), run.start('aggregator', 4), run.start('evaluator', 6, ...evaluator)];
    await Promise.all(electors.map(({ event }) => event('joined')));
    return electors;
  }

  /** Of the first round. */
  function attestationsOf(electors: readonly RoleProcess[]) {
    const said = electors.flatMap(({ events }) => events);
    return said.filter((event) => event.event === 'attested').filter(({ round }) => round === 1);
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
    // all that can be had has been fetched: only the end of the window is waited for
    const fetching = run.running().filter(({ role }) => role === 'aggregator');
    await Promise.all(fetching.map(({ event }) => event('fetched')));
    await federation.sync();
    await run.clock.moveTo(federation.state.rounds.get(1)!.submissionDeadline);
    run.clock.leaves('test');
  }

  async function firstProposal(): Promise<ProposedAggregate> {
    await until(() => proposedRounds(federation.state).length > 0);
    return proposedRounds(federation.state)[0]!.proposed;
  }

  async function until(holds: () => boolean): Promise<void> {
    for (;;) {
      await federation.sync();
      if (holds()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function secondsAfterDeadline(): Promise<number> {
    const { blockNumber } = await firstProposal();
    const block = await run.anvil.provider.getBlock(blockNumber);
    return block!.timestamp - federation.state.rounds.get(1)!.submissionDeadline;
  }
});
