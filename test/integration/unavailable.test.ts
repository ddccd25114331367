/** All who decide about a round collude, and take in an update that they show nobody: they must show it on chain, or lose the proposal. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type FederationClient, structArgument, transact } from '../../client/chain/federation.ts';
import { createSender, type Sender } from '../../client/chain/sender.ts';
import { packTerms } from '../../client/chain/updateTerms.ts';
import type { MethodName } from '../../client/contracts/contracts.ts';
import { aggregate } from '../../client/core/aggregate.ts';
import { digestOfCid } from '../../client/core/cid.ts';
import { modelFromBytes, squaredNorm, updateToBytes } from '../../client/core/codec.ts';
import { commitUpdate } from '../../client/core/commitment.ts';
import { toHex } from '../../client/core/hash.ts';
import { encodeInputsList } from '../../client/core/inputs.ts';
import { prepareUpdate } from '../../client/core/verify.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { bindingOf } from '../../client/participant/rounds/updates.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import type { BlobStore } from '../../client/storage/store.ts';
import { FederationRun } from './federationRun.ts';
import { newFolder, type RoleProcess } from './processes.ts';

const aggregatorWallet = developmentWallet(4);
const trainerWallet = developmentWallet(2);

describe('an update that a majority attests and nobody can fetch', () => {
  let run: FederationRun;
  let federation: FederationClient;
  let watchtower: RoleProcess;
  let store: BlobStore;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open({ startTrainers: 1 });
    run.clock.works('test');
    federation = run.federation();
    store = await openEmbeddedStore({ folder: newFolder(), listen: {} });
    watchtower = run.start('watchtower', 5);
  });
  afterEach(async () => {
    await store.close();
    await run.close();
  });

  const call = (sender: Sender, method: MethodName<'Federation'>, args: readonly unknown[]) =>
    transact(sender, method, federation.addresses.federation, 'Federation', method, args);

  async function join(sender: Sender, method: MethodName<'Federation'>, stakeWei: bigint): Promise<void> {
    const { token, stake, federation: address } = federation.addresses;
    await transact(sender, 'approving', token, 'TributaryToken', 'approve', [stake, stakeWei]);
    await transact(sender, 'depositing', stake, 'Stake', 'deposit', [address, stakeWei]);
    await call(sender, method, []);
  }

  /** Of one trainer, by one aggregator, who is the only elector; the list of inputs is served where that is said. */
  async function propose(isListServed: boolean): Promise<void> {
    const [aggregator, trainer] = [aggregatorWallet, trainerWallet].map((wallet) =>
      createSender(wallet, run.anvil.provider),
    ) as [Sender, Sender];
    await federation.sync();
    const { aggregatorBondWei, trainerStakeWei } = federation.parameters();
    await join(aggregator, 'joinAsAggregator', aggregatorBondWei);
    await join(trainer, 'joinAsTrainer', trainerStakeWei);
    const task = await federation.readTask();
    const values = Int16Array.from({ length: task.dimension }, (_, index) => (index % 7) - 3);
    const update = prepareUpdate(trainer.address, 1, values);
    const context = { ...bindingOf(federation), round: 1, trainer: trainer.address };
    const cid = digestOfCid((await buildDag(updateToBytes(values))).root);
    const terms = packTerms({ round: 1, squaredNorm: squaredNorm(values), weight: 1 });
    await call(trainer, 'submitUpdate', [terms, toHex(commitUpdate(context, update.updateRoot)), toHex(cid)]);
    const [, genesis] = readDeployment(run.file).blobs;
    const base = modelFromBytes(new Uint8Array(readFileSync(genesis!)), task.dimension);
    const { commitment, updates } = aggregate({ name: 'mean', trimBasisPoints: 0 }, base, [update]);
    const list = encodeInputsList(updates);
    if (isListServed) await store.put(list);
    await call(aggregator, 'announceEndpoint', [store.endpoint]);
    const nothing = new Uint8Array(32);
    const proposal = {
      ...{ round: 1, baseRound: 0, rule: 0, trimBasisPoints: 0, reputations: nothing, omittedHash: nothing },
      ...commitment,
      baseModelRoot: task.genesisModelRoot,
      modelCid: nothing,
      inputsCid: digestOfCid((await buildDag(list)).root),
    };
    const anchor = { number: 0, hash: toHex(nothing) };
    await call(aggregator, 'proposeAggregate', [structArgument(proposal), [], [], anchor]);
    run.clock.leaves('test');
  }

  it('is demanded chunk by chunk, and the proposal is void when nobody shows one', async () => {
    await propose(true);
    const demanded = await watchtower.event('demanded');
    expect(demanded).to.include({ round: 1, tree: 'update', span: 0 });
    const forfeited = await watchtower.event('forfeited');
    expect(forfeited).to.include({ round: 1, offender: aggregatorWallet.address });
    expect(BigInt(forfeited.earnedWei)).to.equal(BigInt(forfeited.takenWei) / 2n);
    await federation.sync();
    expect(federation.state.rounds.get(1)!.proposed).to.equal(undefined);
    expect(watchtower.events.filter(({ event }) => event === 'demanded')).to.have.length(1);
  });

  it('is asked for by its place among the inputs first, where those are not shown either', async () => {
    await propose(false);
    expect(await watchtower.event('demanded')).to.include({ round: 1, tree: 'inputs', height: 0, span: 0 });
    expect(await watchtower.event('forfeited')).to.include({ round: 1, offender: aggregatorWallet.address });
  });
});
