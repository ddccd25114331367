/**
 * What a process says while it works: one event a line. With --json each line is a JSON object, for programs; else a
 * sentence, for people. The events are the interface between the processes and whoever started them.
 */

import { formatEther, formatUnits } from 'ethers';

export type Role = 'trainer' | 'aggregator' | 'evaluator' | 'watchtower';

/** Addresses, hashes and CIDs are strings, times are seconds, sizes are bytes. */
export type NodeEvent =
  | { event: 'started'; role: Role; account: string; endpoint: string | null; folder: string }
  | { event: 'joined'; account: string }
  /** Waiting for something outside the process; said once for each reason. */
  | { event: 'waiting'; for: string }
  /** A vote has ejected the account: the process ends. */
  | { event: 'ejected'; account: string }
  /** Another manifest is in force: `name` is the task's. */
  | { event: 'planChanged'; name: string }
  | { event: 'roundStarted'; round: number; baseRound: number }
  | {
      event: 'trainingProgress';
      round: number;
      epoch: number;
      epochs: number;
      samplesDone: number;
      samplesTotal: number;
    }
  | { event: 'trained'; round: number; startedAt: number; endedAt: number; samples: number; loss: number }
  | {
      event: 'submitted';
      round: number;
      cid: string;
      bytes: number;
      gas: number;
      squaredNorm: number;
      weight: number;
      saturated: number;
    }
  | { event: 'served'; round: number; cid: string }
  | { event: 'fetched'; round: number; trainer: string; bytes: number; seconds: number }
  | { event: 'unavailable'; round: number; trainer: string; reason: string }
  | { event: 'aggregated'; round: number; inputs: number; seconds: number; modelRoot: string }
  | { event: 'proposed'; round: number; modelRoot: string; modelCid: string; gas: number; bytes: number }
  | { event: 'finalized'; round: number; gas: number }
  /**
   * A round waits for electors that have not attested its inputs: `given` is what those weigh that agree, `needed` what it takes. From
   * `skippedAt` on, in seconds since 1970, the round is skipped.
   */
  | {
      event: 'attestationsMissing';
      round: number;
      silent: string[];
      given: number;
      needed: number;
      skippedAt: number;
    }
  /** Signed, once for an edition of the round: these inputs are held and no others could be fetched. */
  | { event: 'attested'; round: number; inputs: number; inputsRoot: string }
  /** What was demanded to be opened was shown, or cannot be since the tree is not the right one. */
  | { event: 'answered'; round: number; tree: string; height: number; span: number; bondWei: string; gas: number }
  | { event: 'unanswerable'; round: number; proposer: string; tree: string }
  /** The watchtower recomputed a proposal: it is right, or `wrong` names what differs. */
  | { event: 'verified'; round: number; proposer: string; seconds: number }
  | { event: 'refuted'; round: number; proposer: string; wrong: string }
  /** A fault is being proven on chain; `proof` is the contract's function. */
  | { event: 'challenging'; round: number; proof: string; fault: string }
  | {
      event: 'challenged';
      round: number;
      offender: string;
      proof: string;
      fault: string;
      gas: number;
      announceGas: number;
      takenWei: string;
      earnedWei: string;
    }
  /** A proposal is wrong, and there is no proof of it. */
  | { event: 'unproven'; round: number; proposer: string; reason: string }
  /** The proposer is to show what lies below a node of one of its trees. */
  | { event: 'demanded'; round: number; tree: string; height: number; span: number; bondWei: string; gas: number }
  /** Nobody has answered a demand: the proposal is void. */
  | { event: 'forfeited'; round: number; offender: string; gas: number; takenWei: string; earnedWei: string }
  /** An evaluator's scores of the trainers: 4,096 is that of a typical update. */
  | { event: 'scored'; round: number; trainers: number; seconds: number; scores: number[] }
  | { event: 'scoresCommitted'; round: number; gas: number }
  /** Shown to everybody: their root is on chain, and they are served. */
  | { event: 'scoresRevealed'; round: number; scoresRoot: string; gas: number }
  | { event: 'scoresDemanded'; round: number; evaluator: string; gas: number }
  | { event: 'scoresPublished'; round: number; gas: number }
  /** Stake of the process's own account was taken; `leftWei` of it is left. */
  | { event: 'stakeLost'; takenWei: string; leftWei: string; reason: string }
  /** An evaluator committed to scores and did not show them. */
  | { event: 'scoresForfeited'; round: number; evaluator: string; gas: number; takenWei: string; earnedWei: string }
  /** What a round has earned whom was stated, of so many trainers and by so many evaluators. */
  | {
      event: 'rewardsProposed';
      round: number;
      scored: number;
      evaluators: number;
      paidGwei: string;
      gas: number;
    }
  | { event: 'rewardsFinalized'; round: number; gas: number }
  /** A statement of rewards that cannot be decoded: it is passed over, and so are those that stand on it. */
  | { event: 'rewardsUnreadable'; round: number }
  /** A statement of rewards that nobody has refuted in time, though its balances are not those of its scores. */
  | { event: 'rewardsUnknown'; round: number }
  | { event: 'poolRanDry'; round: number; wantedGwei: string; paidGwei: string }
  /** The watchtower recomputed a statement of rewards: it is right, or `wrong` names what differs. */
  | { event: 'rewardsVerified'; round: number; proposer: string; seconds: number }
  | { event: 'rewardsRefuted'; round: number; proposer: string; wrong: string }
  /** Only an adversary says so of itself; `did` is a part of a sentence, `gas` that of the transaction it took. */
  | { event: 'cheated'; round: number; did: string; gas: number }
  /** The contract refused what an adversary sent, by this error. */
  | { event: 'refused'; round: number; by: string }
  /** Blocks that no pin seems to need stay in the store. */
  | { event: 'notSwept'; reason: string }
  /** What this node itself has proposed is not in its store any more: it is fetched, or computed again. */
  | { event: 'missing'; round: number; what: 'model' | 'inputs'; cid: string }
  | { event: 'restored'; round: number; what: 'model' | 'inputs'; cid: string }
  | { event: 'retrying'; step: string; reason: string; code: string }
  | { event: 'stopped'; reason: string }
  | { event: 'failed'; code: string; message: string; exitCode: number };

export type Report = (event: NodeEvent) => void;

/** `at` is the wall clock, in seconds since 1970. */
export function reportJson(event: NodeEvent): void {
  process.stdout.write(`${JSON.stringify({ at: Date.now() / 1000, ...event })}\n`);
}

export function reportText(event: NodeEvent): void {
  const sentence = describeEvent(event);
  if (sentence !== undefined) process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${sentence}\n`);
}

/** One sentence for a person; undefined for events that would only scroll by. */
export function describeEvent(event: NodeEvent): string | undefined {
  switch (event.event) {
    case 'started':
      return `${event.role} ${event.account}${event.endpoint === null ? '' : ` serving at ${event.endpoint}`}, data in ${event.folder}`;
    case 'joined':
      return 'joined the federation';
    case 'waiting':
      return `waiting for ${event.for}`;
    case 'ejected':
      return `a vote has ejected ${event.account}`;
    case 'planChanged':
      return `another manifest is in force: ${event.name}`;
    case 'roundStarted':
      return `round ${event.round} starts from the model of round ${event.baseRound}`;
    case 'trainingProgress':
      return undefined;
    case 'trained':
      return `round ${event.round}: trained on ${event.samples} samples in ${(event.endedAt - event.startedAt).toFixed(2)} s, loss ${event.loss.toFixed(4)}`;
    case 'submitted':
      return `round ${event.round}: submitted ${event.bytes} bytes as ${event.cid}, ${event.gas} gas`;
    case 'served':
      return `round ${event.round}: serving the update, the window has closed`;
    case 'fetched':
      return `round ${event.round}: fetched and verified the update of ${event.trainer}, ${event.bytes} bytes`;
    case 'unavailable':
      return `round ${event.round}: the update of ${event.trainer} is unavailable: ${event.reason}`;
    case 'aggregated':
      return `round ${event.round}: aggregated ${event.inputs} updates in ${event.seconds.toFixed(2)} s`;
    case 'proposed':
      return `round ${event.round}: proposed model ${event.modelRoot}, ${event.gas} gas`;
    case 'finalized':
      return `round ${event.round} is final, ${event.gas} gas`;
    case 'attestationsMissing':
      return `round ${event.round}: waiting for ${event.silent.length === 0 ? 'electors that hold other updates' : event.silent.join(', ')} to attest its inputs: ${event.given} of ${event.needed} agree; the round is skipped at ${new Date(1000 * event.skippedAt).toISOString()}`;
    case 'attested':
      return `round ${event.round}: attested ${event.inputs} inputs`;
    case 'answered':
      return `round ${event.round}: showed ${event.span === 0 ? 'a leaf' : `${2 ** event.span} nodes`} of the ${event.tree} tree, ${event.gas} gas`;
    case 'unanswerable':
      return `round ${event.round}: the ${event.tree} tree that ${event.proposer} posted is not the right one and cannot be opened`;
    case 'verified':
      return `round ${event.round}: recomputed the proposal of ${event.proposer}: it is right`;
    case 'refuted':
      return `round ${event.round}: the proposal of ${event.proposer} is WRONG: ${event.wrong}`;
    case 'challenging':
      return `round ${event.round}: proving that ${event.fault}`;
    case 'challenged':
      return `round ${event.round}: PROVEN by ${event.proof} that ${event.fault}: ${event.offender} loses ${formatEther(event.takenWei)} tokens, ${formatEther(event.earnedWei)} of them earned here, ${event.announceGas + event.gas} gas`;
    case 'unproven':
      return `round ${event.round}: the proposal of ${event.proposer} is wrong and cannot be proven so: ${event.reason}`;
    case 'demanded':
      return `round ${event.round}: demanded to see ${event.span === 0 ? 'a leaf' : `${2 ** event.span} nodes`} of the ${event.tree} tree`;
    case 'forfeited':
      return `round ${event.round}: nobody showed what was demanded: ${event.offender} loses ${formatEther(event.takenWei)} tokens, ${formatEther(event.earnedWei)} of them earned here, ${event.gas} gas`;
    case 'scored':
      return `round ${event.round}: scored ${event.trainers} updates in ${event.seconds.toFixed(2)} s`;
    case 'scoresCommitted':
      return `round ${event.round}: committed to the scores, ${event.gas} gas`;
    case 'scoresRevealed':
      return `round ${event.round}: revealed the scores, ${event.gas} gas`;
    case 'scoresDemanded':
      return `round ${event.round}: demanded the scores of ${event.evaluator}`;
    case 'scoresPublished':
      return `round ${event.round}: published the scores that were demanded, ${event.gas} gas`;
    case 'stakeLost':
      return `LOST ${formatEther(event.takenWei)} tokens of its stake, ${formatEther(event.leftWei)} are left: ${event.reason}`;
    case 'scoresForfeited':
      return `round ${event.round}: evaluator ${event.evaluator} did not show its scores and loses ${formatEther(event.takenWei)} tokens, ${formatEther(event.earnedWei)} of them earned here, ${event.gas} gas`;
    case 'rewardsProposed':
      if (event.evaluators === 0) {
        return `round ${event.round}: no scores in time: stated that trainers earn nothing, ${event.gas} gas`;
      }
      return `round ${event.round}: stated the rewards of ${event.scored} trainers and ${event.evaluators} evaluators, ${formatUnits(event.paidGwei, 9)} tokens, ${event.gas} gas`;
    case 'rewardsVerified':
      return `round ${event.round}: recomputed the rewards that ${event.proposer} stated: they are right`;
    case 'rewardsRefuted':
      return `round ${event.round}: the rewards that ${event.proposer} stated are WRONG: ${event.wrong}`;
    case 'rewardsFinalized':
      return `round ${event.round}: its rewards can be claimed, ${event.gas} gas`;
    case 'rewardsUnreadable':
      return `round ${event.round}: its reward statement cannot be decoded: this node neither checks nor states rewards from this round on; update this program`;
    case 'rewardsUnknown':
      return `round ${event.round}: the balances that were stated are wrong, and final: only their author knows them. Nobody else can state or check rewards any more, and rounds that they weigh are skipped; a vote can restore the balances of an earlier round`;
    case 'poolRanDry':
      return `round ${event.round}: the pool ran dry: ${formatUnits(event.paidGwei, 9)} of ${formatUnits(event.wantedGwei, 9)} tokens are paid; add to it with \`tributary fund\``;
    case 'cheated':
      return `round ${event.round}: CHEATS: ${event.did}`;
    case 'refused':
      return `round ${event.round}: the contract refused what this process sent: ${event.by}`;
    case 'notSwept':
      return `nothing was removed from the store: ${event.reason}`;
    case 'missing':
      return `round ${event.round}: the ${event.what} ${event.cid}, which this node proposed, IS MISSING from its store: it is fetched or computed again`;
    case 'restored':
      return `round ${event.round}: the ${event.what} ${event.cid} is in the store again`;
    case 'retrying':
      return `${event.step} failed, trying again: ${event.reason}`;
    case 'stopped':
      return event.reason === 'told to' ? 'stopped, as it was told to' : `stopped: ${event.reason}`;
    case 'failed':
      return `failed: ${event.message}`;
  }
}
