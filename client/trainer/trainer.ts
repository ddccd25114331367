import { unlessRefused } from '../chain/failure.ts';
import { finalCount, proposedRounds, type Round } from '../chain/rounds.ts';
import { packTerms } from '../chain/updateTerms.ts';
import { digestOfCid } from '../core/cid.ts';
import { decodeModel } from '../core/codec.ts';
import { commitUpdate } from '../core/commitment.ts';
import { toHex } from '../core/hash.ts';
import { createAwaitedWatch } from '../participant/awaited/watch.ts';
import { runLoops } from '../participant/loop.ts';
import { createLossWatch } from '../participant/losses.ts';
import { createMembership, joinAsTrainer } from '../participant/membership.ts';
import { callFederation, type Participant } from '../participant/participant.ts';
import { createHaltWatch, reasonToStop } from '../participant/policy.ts';
import {
  checkExact,
  encodeLocalUpdate,
  type TrainedUpdate,
  type UpdateAuthor,
} from '../participant/rounds/localUpdate.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { bindingOf } from '../participant/rounds/updates.ts';
import { clipNormForBound } from '../privacy/clip.ts';
import { buildDag } from '../storage/dag.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import { reasonToEnd } from './patience.ts';
import { createServing } from './serving.ts';
import type { RoundTraining, Training } from './training.ts';
import { createWeighing } from './weighing.ts';

/** Runs until the rounds asked for are final, or for ever. */
export async function runTrainer(node: Participant, training: Training): Promise<string> {
  const outbox = openOutbox(await node.files('outbox'));
  let done = 'all rounds are final';
  // apart from one another: training may take longer than a proposal can be contested
  await runLoops(node, (working) => ({
    'taking part in rounds': createRounds(working, outbox, training, (reason) => {
      done = reason;
    }),
    'looking for losses': createLossWatch(working),
    'looking for what halts rounds': createHaltWatch(working, false),
    'looking for what rounds wait for': createAwaitedWatch(working),
  }));
  return await reasonToStop(node, done);
}

/** `end` hears why it ends before the rounds asked for are over. */
function createRounds(
  node: Participant,
  outbox: Outbox,
  training: Training,
  end: (reason: string) => void,
): () => Promise<boolean> {
  const { federation, account, report, signal, task, parameters } = node;
  const models = createRoundModels(node);
  const serveClosedRounds = createServing(node, outbox);
  const join = createMembership(node, joinAsTrainer);
  const weightOf = createWeighing(node);
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;

  async function step(): Promise<boolean> {
    await serveClosedRounds();
    const { state } = federation;
    if (finalCount(state) >= wantedRounds) return true;
    if (proposedRounds(state).length >= wantedRounds) return false;
    const membership = await join();
    if (membership !== 'member') return membership === 'barred';
    const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    if (round === undefined || !takesPart(round)) return false;
    const roundTraining = await training.inForce();
    const reason = await reasonToEnd(node, round, roundTraining.manifest);
    if (reason === undefined) await trainRound(round, roundTraining);
    else end(reason);
    return reason !== undefined;
  }

  function takesPart(round: Round): boolean {
    const joined = federation.state.trainers.get(account);
    return (
      joined !== undefined &&
      joined <= round.number &&
      !round.submissions.has(account) &&
      federation.chainTime() < round.submissionDeadline
    );
  }

  async function trainRound(round: Round, roundTraining: RoundTraining): Promise<void> {
    const { manifest } = roundTraining;
    report({ event: 'roundStarted', round: round.number, baseRound: round.baseRound });
    const global = decodeModel(await models.get(round.baseRound));
    const author = { seed: manifest.seed, account, round: round.number };
    const maxNorm = clipNormForBound(parameters().maxSquaredNorm, task.dimension);
    const trained = await trainLocally(roundTraining, global, author);
    checkExact(trained, maxNorm);
    const { bytes, root, saturated } = encodeLocalUpdate(trained.update, maxNorm, author);

    const commitment = commitUpdate({ ...bindingOf(node), round: round.number, trainer: account }, root.hash);
    const cid = (await buildDag(bytes)).root;
    const weight = weightOf(training.samples, manifest, round.number);
    await outbox.write(round.number, bytes);
    const step = `submitting the update of round ${round.number}`;
    const submit = () =>
      callFederation(node, step, 'submitUpdate', [
        packTerms({ round: round.number, squaredNorm: root.sum, weight }),
        toHex(commitment),
        toHex(digestOfCid(cid)),
      ]);
    // it was mined, and who tells of events did not know the block yet
    const receipt = await unlessRefused(['AlreadySubmitted'], submit);
    if (receipt !== undefined) {
      report({
        event: 'submitted',
        round: round.number,
        cid: cid.toString(),
        bytes: bytes.length,
        gas: Number(receipt.gasUsed),
        squaredNorm: root.sum,
        weight,
        saturated,
      });
    }
    await federation.sync();
    await serveClosedRounds();
  }

  async function trainLocally(
    { train }: RoundTraining,
    global: Float32Array,
    author: UpdateAuthor,
  ): Promise<TrainedUpdate> {
    const { round } = author;
    const startedAt = Date.now() / 1000;
    const trained = await train(global, author, {
      signal,
      onProgress: (progress) => report({ event: 'trainingProgress', round, ...progress }),
    });
    const endedAt = Date.now() / 1000;
    const { samples } = training;
    if (trained.isExact) report({ event: 'statisticsComputed', round, samples });
    else {
      const { loss, metrics } = trained;
      report({ event: 'trained', round, startedAt, endedAt, samples, loss, ...(metrics && { metrics }) });
    }
    return trained;
  }

  return step;
}
