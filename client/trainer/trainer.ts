/** A trainer's rounds: fetch the model, train, clip, encode, commit, submit, and serve the update when the window has closed. */
import type { CID } from 'multiformats/cid';
import { allSubmitted, endpointsOf, finalCount, proposedRounds, type Round } from '../chain/rounds.ts';
import { packTerms } from '../chain/updateTerms.ts';
import { digestOfCid } from '../core/cid.ts';
import { decodeModel, encodeUpdate, updateToBytes } from '../core/codec.ts';
import { buildUpdateTree, commitUpdate } from '../core/commitment.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { createRandom } from '../core/random.ts';
import { sumTreeRoot } from '../core/sumTree.ts';
import { weightOfSamples } from '../core/task.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import { runLoops } from '../participant/loop.ts';
import { createLossWatch } from '../participant/losses.ts';
import { createMembership, joinAsTrainer } from '../participant/membership.ts';
import { callFederation, type Participant } from '../participant/participant.ts';
import type { Plan, Plans } from '../participant/plans.ts';
import { createHaltWatch, reasonToStop } from '../participant/policy.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { bindingOf, createForgetter } from '../participant/rounds/updates.ts';
import { authorizeUpload } from '../participant/rounds/uploads.ts';
import { clipNormForBound, clipToNorm } from '../privacy/clip.ts';
import { buildDag } from '../storage/dag.ts';
import { pushBlob } from '../storage/peer.ts';
import type { Dataset } from '../training/engine.ts';
import { type Outbox, openOutbox } from './outbox.ts';

/** Runs until the rounds asked for are final, or for ever. */
export async function runTrainer(node: Participant, plans: Plans, data: Dataset): Promise<string> {
  const outbox = openOutbox(await node.files('outbox'));
  // apart from one another: training may take longer than a proposal can be contested
  await runLoops(node, (working) => ({
    'taking part in rounds': createRounds(working, outbox, plans, data),
    'looking for losses': createLossWatch(working),
    'looking for what halts rounds': createHaltWatch(working, false),
  }));
  return await reasonToStop(node, 'all rounds are final');
}

function createRounds(node: Participant, outbox: Outbox, plans: Plans, data: Dataset): () => Promise<boolean> {
  const { federation, account, report, signal, task, parameters } = node;
  const models = createRoundModels(node);
  const forgetOldUpdates = createForgetter(node, account);
  const join = createMembership(node, joinAsTrainer);
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;

  async function step(): Promise<boolean> {
    await serveClosedRounds();
    const { state } = federation;
    if (finalCount(state) >= wantedRounds) return true;
    if (proposedRounds(state).length >= wantedRounds) return false;
    const membership = await join();
    if (membership !== 'member') return membership === 'barred';
    const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    if (round !== undefined && takesPart(round)) await trainRound(round);
    return false;
  }

  function takesPart(round: Round): boolean {
    const joined = federation.state.trainers.get(account);
    return joined !== undefined && joined <= round.number && !round.submissions.has(account) && !deadlinePassed(round);
  }

  async function trainRound(round: Round): Promise<void> {
    const plan = await plans.inForce();
    const { manifest } = plan;
    report({ event: 'roundStarted', round: round.number, baseRound: round.baseRound });
    const global = decodeModel(await models.get(round.baseRound));
    const update = await trainLocally(plan, round, global);
    const { update: clipped } = clipToNorm(update, clipNormForBound(parameters().maxSquaredNorm, task.dimension));
    const rounding = createRandom(manifest.seed, 'rounding', account, round.number);
    const { values, saturated } = encodeUpdate(clipped, rounding);

    const root = sumTreeRoot(buildUpdateTree(values));
    const commitment = commitUpdate({ ...bindingOf(node), round: round.number, trainer: account }, root.hash);
    const bytes = updateToBytes(values);
    const cid = (await buildDag(bytes)).root;
    const weight = weightOfSamples(data.count, manifest.samplesPerWeight, parameters().maxWeight);
    await outbox.write(round.number, bytes);
    const receipt = await callFederation(node, `submitting the update of round ${round.number}`, 'submitUpdate', [
      packTerms({ round: round.number, squaredNorm: root.sum, weight }),
      toHex(commitment),
      toHex(digestOfCid(cid)),
    ]);
    const gas = Number(receipt.gasUsed);
    report({
      event: 'submitted',
      round: round.number,
      cid: cid.toString(),
      bytes: bytes.length,
      gas,
      squaredNorm: root.sum,
      weight,
      saturated,
    });
    await federation.sync();
    await serveClosedRounds();
  }

  /** Trained minus global. The seed names trainer and round: a process that died trains the very same update again. */
  async function trainLocally({ manifest, model }: Plan, round: Round, global: Float32Array): Promise<Float32Array> {
    const startedAt = Date.now() / 1000;
    const { parameters: trained, loss } = await model.trainLocally(global, data, {
      seed: `${manifest.seed}/${account}/${round.number}`,
      signal,
      onProgress: (progress) => report({ event: 'trainingProgress', round: round.number, ...progress }),
    });
    report({ event: 'trained', round: round.number, startedAt, endedAt: Date.now() / 1000, samples: data.count, loss });
    return trained.map((value, index) => value - global[index]!);
  }

  async function serveClosedRounds(): Promise<void> {
    for (const number of await outbox.rounds()) {
      const round = federation.state.rounds.get(number);
      const submission = round?.submissions.get(account);
      if (round === undefined || !windowClosed(round)) continue;
      if (submission !== undefined && !round.voided) {
        const bytes = await outbox.read(number);
        const cid = await node.store.put(bytes);
        if (node.store.endpoint === undefined) await push(cid, bytes);
        report({ event: 'served', round: number, cid: cid.toString() });
      }
      await outbox.remove(number);
    }
    await forgetOldUpdates();
  }

  /** A trainer that serves nobody hands its update to every aggregator it can reach. */
  async function push(cid: CID, bytes: Uint8Array): Promise<void> {
    const authorization = await authorizeUpload(node.addresses, digestOfCid(cid), (text) => node.sender.sign(text));
    const urls = [...federation.state.aggregators].flatMap((aggregator) => endpointsOf(federation.state, aggregator));
    const limits = { authorization, signal: withFetchTimeout(signal) };
    const pushed = await Promise.allSettled(urls.map((url) => pushBlob(url, cid, bytes, limits)));
    if (pushed.some(({ status }) => status === 'fulfilled')) return;
    throw new TributaryError(
      'STORE_UNREACHABLE',
      `None of ${urls.length} aggregators takes the update: let this process serve it, with --listen.`,
      { retryable: true, cause: pushed.find(({ status }) => status === 'rejected') },
    );
  }

  function windowClosed(round: Round): boolean {
    return (
      allSubmitted(round) || round.proposed !== undefined || round.skipped || round.voided || deadlinePassed(round)
    );
  }

  function deadlinePassed(round: Round): boolean {
    return federation.chainTime() >= round.submissionDeadline;
  }

  return step;
}
