/** An aggregator that lies about one coordinate of the model, and the watchtower that recomputes it. */

import { join } from 'node:path';
import { expect } from 'chai';
import { openFederation, proposalArgument, ruleFields, transact } from '../../client/chain/federation.ts';
import { allSubmitted, type Round } from '../../client/chain/rounds.ts';
import { createSender } from '../../client/chain/sender.ts';
import { aggregate } from '../../client/core/aggregate.ts';
import { cidFromDigest, digestOfCid } from '../../client/core/cid.ts';
import { modelFromBytes, modelToBytes } from '../../client/core/codec.ts';
import { buildModelTree } from '../../client/core/commitment.ts';
import { toHex } from '../../client/core/hash.ts';
import { encodeInputsList, omittedHash } from '../../client/core/inputs.ts';
import { merkleRoot } from '../../client/core/merkle.ts';
import { chunkCount, modelChunkBytes, updateChunkBytes } from '../../client/core/numbers.ts';
import { verifyUpdate } from '../../client/core/verify.ts';
import { readDeployment } from '../../client/node/deployment.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import { FederationRun } from './federationRun.ts';

const cheat = 3;

describe('a wrong aggregate', function () {
  this.timeout(120_000);
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(() => run.close());

  it('is proven on chain by the watchtower, and the round goes on from the last good model', async () => {
    const { provider } = run.anvil;
    const deployment = readDeployment(run.file);
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    const sender = createSender(developmentWallet(cheat), provider);
    const store = await openEmbeddedStore({ folder: join(run.folder, 'cheat'), listen: { host: '127.0.0.1' } });
    const call = (contract: 'TributaryToken' | 'Stake' | 'Federation', to: string, method: string, args: unknown[]) =>
      transact(sender, method, to, contract, method, args);
    try {
      const { aggregatorBondWei } = await federation.readParameters();
      await call('TributaryToken', deployment.token, 'approve', [deployment.stake, aggregatorBondWei]);
      await call('Stake', deployment.stake, 'deposit', [deployment.federation, aggregatorBondWei]);
      await call('Federation', deployment.federation, 'joinAsAggregator', []);
      await call('Federation', deployment.federation, 'announceEndpoint', [store.endpoint]);

      // the trainers find the task's files at the watchtower
      const watchtower = run.start('watchtower', 5);
      await Promise.all([run.start('trainer', 1), run.start('trainer', 2)].map((trainer) => trainer.event('served')));
      await federation.sync();
      const round = federation.state.rounds.get(1)!;
      expect(allSubmitted(round)).to.equal(true);
      const proposal = await proposeWrongly(round);
      await call('Federation', deployment.federation, 'proposeAggregate', [proposalArgument(proposal), [], []]);

      const refuted = await watchtower.event('refuted');
      expect(refuted.round).to.equal(1);
      expect(refuted.proposer).to.equal(sender.address);
      expect(refuted.wrong).to.match(/modelRoot/);
      const challenged = await watchtower.event('challenged');
      expect(challenged.proof).to.equal('refuteModelChunk');
      expect(challenged.offender).to.equal(sender.address);
      expect(BigInt(challenged.takenWei)).to.equal(aggregatorBondWei);
      expect(BigInt(challenged.earnedWei)).to.equal(aggregatorBondWei / 2n);

      const state = await federation.sync();
      expect(state.aggregators.has(sender.address)).to.equal(false);
      expect(state.openRound).to.equal(1);
      const aggregator = run.start('aggregator', 4);
      const proposed = await aggregator.event('proposed', ({ round }) => round === 1);
      const verified = await watchtower.event('verified', ({ round }) => round === 1);
      expect(verified.proposer).to.equal(developmentWallet(4).address);
      expect(proposed.modelRoot).to.not.equal(toHex(proposal.modelRoot));
      expect(await aggregator.ended).to.equal(0);
      expect(await watchtower.ended).to.equal(0);
    } finally {
      await store.close();
    }

    /** Everything is right but one coordinate of the model, which is off by the smallest step. */
    async function proposeWrongly(round: Round) {
      const task = await federation.readTask();
      const peers = [...federation.state.endpoints.values()];
      const fetchBytes = (digest: Uint8Array, bytes: number) =>
        store.get(cidFromDigest(digest, bytes), { maxBytes: bytes, signal: AbortSignal.timeout(10_000), peers });
      const chunks = chunkCount(task.dimension);
      const base = modelFromBytes(await fetchBytes(task.genesisModelCid, chunks * modelChunkBytes), task.dimension);
      const updates = await Promise.all(
        [...round.submissions.values()].map(async (submission) => {
          const { trainer, cid } = submission;
          const context = { chainId: 31337n, federation: deployment.federation, round: round.number, trainer };
          return verifyUpdate(await fetchBytes(cid, chunks * updateChunkBytes), task.dimension, context, submission);
        }),
      );
      const result = aggregate({ name: 'mean', trimBasisPoints: 0 }, base, updates);
      result.model[5000]! += 1;
      return {
        ...result.commitment,
        modelRoot: merkleRoot(buildModelTree(result.model)),
        round: round.number,
        baseRound: round.baseRound,
        baseModelRoot: task.genesisModelRoot,
        modelCid: digestOfCid(await store.put(modelToBytes(result.model))),
        inputsCid: digestOfCid(await store.put(encodeInputsList(result.updates))),
        omittedHash: omittedHash([]),
        ...ruleFields(result.rule),
      };
    }
  });
});
