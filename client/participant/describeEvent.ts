import { formatEther, formatUnits } from 'ethers';
import { formatTime } from '../core/format.ts';
import { redactUrls } from '../core/redact.ts';
import { describeAwaited } from './awaited/describeAwaited.ts';
import type { BlobKind, NodeEvent, PerEvent } from './events.ts';

/** One sentence for a person; undefined for events that would only scroll by. */
export function describeEvent(event: NodeEvent): string | undefined {
  const describe = sentences[event.event] as (event: NodeEvent) => string | undefined;
  const sentence = describe(event);
  return sentence && redactUrls(sentence);
}

/** What a person calls a blob of a round. */
export const blobNames: Record<BlobKind, string> = {
  manifest: 'manifest',
  modelFile: 'model file',
  baseModel: 'base model',
  model: 'model',
  inputs: 'list of inputs',
  update: 'update',
};

const sentences: PerEvent<string | undefined> = {
  started: ({ role, account, endpoint, folder }) =>
    `${role}${account === '' ? '' : ` ${account}`}${endpoint === null ? '' : ` serving at ${endpoint}`}, data in ${folder}`,
  dataRead: ({ samples, read, used, skipped, remarks }) =>
    [
      `read ${samples} samples${used === read ? '' : `; ${read - used} of ${read} were left out`}`,
      ...skipped.map(({ reason, count, first }) => `${count} since ${reason}, first ${first[0]}`),
      ...remarks.map((remark) => remark.replace(/\.$/, '')),
    ].join('; '),
  joined: () => 'joined the federation',
  waiting: (event) => `waiting for ${event.for}`,
  displaced: ({ endpoint }) =>
    `ANOTHER PROCESS HAS ANNOUNCED ${endpoint} WITH THIS KEY, and nobody answers there: announcing this one's address again. Each process needs a key of its own`,
  awaiting: (event) => `round ${event.round} ${describeAwaited(event)}`,
  ejected: ({ account }) => `a vote has ejected ${account}`,
  planChanged: ({ name }) => `another manifest is in force: ${name}`,
  roundStarted: ({ round, baseRound }) => `round ${round} starts from the model of round ${baseRound}`,
  trainingProgress: () => undefined,
  statisticsComputed: ({ round, samples }) =>
    `round ${round} trains nothing: the federation averages the mean and the mean square of each column, here of ${samples} samples, and all scale by what comes of it`,
  privacySpent: ({ round, epsilon, budget, delta, noiseMultiplier }) =>
    `round ${round} is trained with noise of ${noiseMultiplier.toFixed(3)}: with it ε = ${epsilon.toFixed(3)} of ${budget} is spent (δ = ${delta})`,
  trained: ({ round, samples, endedAt, startedAt, loss }) =>
    `round ${round}: trained on ${samples} samples in ${(endedAt - startedAt).toFixed(2)} s, loss ${Number.isFinite(loss) ? loss.toFixed(4) : 'unknown'}`,
  weightLimited: ({ round, samples, most }) =>
    `round ${round}: trained on ${samples} samples, and an update weighs at most ${most} of them: the others do not count; a vote can raise maxWeight`,
  engineSaid: ({ line }) => `the engine says: ${line}`,
  engineProblem: ({ problem }) => problem,
  submitted: ({ round, bytes, cid, gas }) => `round ${round}: submitted ${bytes} bytes as ${cid}, ${gas} gas`,
  served: ({ round }) => `round ${round}: serving the update, the window has closed`,
  fetched: ({ round, trainer, bytes }) =>
    `round ${round}: fetched and verified the update of ${trainer}, ${bytes} bytes`,
  unavailable: ({ round, trainer, reason }) => `round ${round}: the update of ${trainer} is unavailable: ${reason}`,
  aggregated: ({ round, inputs, seconds }) => `round ${round}: aggregated ${inputs} updates in ${seconds.toFixed(2)} s`,
  proposed: ({ round, modelRoot, gas }) => `round ${round}: proposed model ${modelRoot}, ${gas} gas`,
  finalized: ({ round, gas }) => `round ${round} is final, ${gas} gas`,
  attestationsMissing: ({ round, silent, given, needed, skippedAt }) =>
    `round ${round}: waiting for ${silent.length === 0 ? 'electors that hold other updates' : silent.join(', ')} to attest its inputs: ${given} of ${needed} agree; the round is skipped at ${formatTime(skippedAt)}`,
  attested: ({ round, inputs }) => `round ${round}: attested ${inputs} inputs`,
  answered: ({ round, span, tree, gas }) =>
    `round ${round}: showed ${span === 0 ? 'a leaf' : `${2 ** span} nodes`} of the ${tree} tree, ${gas} gas`,
  unanswerable: ({ round, tree, proposer }) =>
    `round ${round}: the ${tree} tree that ${proposer} posted is not the right one and cannot be opened`,
  verified: ({ round, proposer }) => `round ${round}: recomputed the proposal of ${proposer}: it is right`,
  refuted: ({ round, proposer, wrong }) => `round ${round}: the proposal of ${proposer} is WRONG: ${wrong}`,
  challenging: ({ round, fault }) => `round ${round}: proving that ${fault}`,
  challenged: ({ round, proof, fault, offender, takenWei, earnedWei, announceGas, gas }) =>
    `round ${round}: PROVEN by ${proof} that ${fault}: ${offender} loses ${formatEther(takenWei)} tokens, ${formatEther(earnedWei)} of them earned here, ${announceGas + gas} gas`,
  unproven: ({ round, proposer, reason }) =>
    `round ${round}: the proposal of ${proposer} is wrong and cannot be proven so: ${reason}`,
  demanded: ({ round, span, tree }) =>
    `round ${round}: demanded to see ${span === 0 ? 'a leaf' : `${2 ** span} nodes`} of the ${tree} tree`,
  forfeited: ({ round, offender, takenWei, earnedWei, gas }) =>
    `round ${round}: nobody showed what was demanded: ${offender} loses ${formatEther(takenWei)} tokens, ${formatEther(earnedWei)} of them earned here, ${gas} gas`,
  scored: ({ round, trainers, seconds }) => `round ${round}: scored ${trainers} updates in ${seconds.toFixed(2)} s`,
  scoresCommitted: ({ round, gas }) => `round ${round}: committed to the scores, ${gas} gas`,
  scoresRevealed: ({ round, gas }) => `round ${round}: revealed the scores, ${gas} gas`,
  scoresDemanded: ({ round, evaluator }) => `round ${round}: demanded the scores of ${evaluator}`,
  scoresPublished: ({ round, gas }) => `round ${round}: published the scores that were demanded, ${gas} gas`,
  stakeLost: ({ takenWei, leftWei, reason }) =>
    `LOST ${formatEther(takenWei)} tokens of its stake, ${formatEther(leftWei)} are left: ${reason}`,
  scoresForfeited: ({ round, evaluator, takenWei, earnedWei, gas }) =>
    `round ${round}: evaluator ${evaluator} did not show its scores and loses ${formatEther(takenWei)} tokens, ${formatEther(earnedWei)} of them earned here, ${gas} gas`,
  rewardsProposed: describeRewards,
  rewardsVerified: ({ round, proposer }) =>
    `round ${round}: recomputed the rewards that ${proposer} stated: they are right`,
  rewardsRefuted: ({ round, proposer, wrong }) =>
    `round ${round}: the rewards that ${proposer} stated are WRONG: ${wrong}`,
  rewardsFinalized: ({ round, gas }) => `round ${round}: its rewards can be claimed, ${gas} gas`,
  rewardsUnreadable: ({ round }) =>
    `round ${round}: its reward statement cannot be decoded: this node neither checks nor states rewards from this round on; update this program`,
  rewardsUnknown: ({ round }) =>
    `round ${round}: the balances that were stated are wrong, and final: only their author knows them. Nobody else can state or check rewards any more, and rounds that they weigh are skipped; a vote can restore the balances of an earlier round`,
  poolRanDry: ({ round, paidGwei, wantedGwei }) =>
    `round ${round}: the pool ran dry: it had ${formatUnits(paidGwei, 9)} of the ${formatUnits(wantedGwei, 9)} tokens that the round should pay; add to it with \`tributary fund\``,
  cheated: ({ round, did }) => `round ${round}: CHEATS: ${did}`,
  refused: ({ round, by }) => `round ${round}: the contract refused what this process sent: ${by}`,
  notSwept: ({ reason }) => `nothing was removed from the store: ${reason}`,
  damaged: ({ file, problem, keptAs, means }) =>
    `THE FILE ${file} IS DAMAGED: ${problem}${keptAs === null ? '' : `; it is kept as ${keptAs}`}. So ${means}`,
  missing: ({ round, what, cid }) =>
    `round ${round}: the ${what} ${cid}, which this node proposed, IS MISSING from its store: it is fetched or computed again`,
  restored: ({ round, what, cid }) => `round ${round}: the ${what} ${cid} is in the store again`,
  providersDisagree: ({ node, block, difference }) =>
    `NODES OF THE CHAIN DISAGREE about block ${block}: ${node}: ${difference}`,
  overspent: ({ step, reason }) => `${step} is paid all the same, for it costs stake when it comes late: ${reason}`,
  archived: ({ round, blobs }) => `round ${round}: archived, all ${blobs} blobs of it are pinned`,
  notArchived: ({ round, what, trainer, cid, final, reason }) =>
    `round ${round}: NOT ARCHIVED, ${final ? 'though the round is final' : 'so far'}: the ${blobNames[what]}${trainer === undefined ? '' : ` of ${trainer}`}, ${cid}: ${reason}`,
  released: ({ round, blobs }) => `round ${round}: ${blobs} blobs of it are not kept any more`,
  retrying: ({ step, reason }) => `${step} failed, trying again: ${reason}`,
  measured: ({ round, metric, value }) => `round ${round}: ${metric} ${Number(value.toPrecision(4))} on the own data`,
  stopped: ({ reason }) => (reason === 'told to' ? 'stopped, as it was told to' : `stopped: ${reason}`),
  failed: ({ message }) => `failed: ${message}`,
};

type EventOf<E extends NodeEvent['event']> = Extract<NodeEvent, { event: E }>;

function describeRewards({
  round,
  scored,
  evaluators,
  paidGwei,
  trainersGwei,
  evaluatorsGwei,
  gas,
}: EventOf<'rewardsProposed'>) {
  const tokens = (gwei: bigint) => `${formatUnits(gwei, 9)} tokens`;
  const fee = BigInt(paidGwei) - BigInt(trainersGwei) - BigInt(evaluatorsGwei);
  const pots = [
    [BigInt(trainersGwei), count(scored, 'trainer')],
    [BigInt(evaluatorsGwei), count(evaluators, 'evaluator')],
    [fee, 'the aggregator'],
  ] as const;
  const paid = pots.filter(([gwei]) => gwei > 0n).map(([gwei, whom]) => `${tokens(gwei)} for ${whom}`);
  const scores = evaluators === 0 ? 'no scores in time: ' : '';
  return `round ${round}: ${scores}stated rewards of ${paid.length === 0 ? 'nothing for anybody' : paid.join(', ')}, ${gas} gas`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
