import { formatEther, formatUnits } from 'ethers';
import type { NodeEvent } from './events.ts';

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
      return `round ${event.round}: waiting for ${event.silent.length === 0 ? 'electors that hold other updates' : event.silent.join(', ')} to attest its inputs: ${event.given} of ${event.needed} agree; skipped at ${new Date(1000 * event.skippedAt).toISOString()}`;
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
      return `round ${event.round}: its statement of rewards cannot be decoded: rewards from this round on are not checked and not stated here; update this program`;
    case 'rewardsUnknown':
      return `round ${event.round}: the balances that were stated are wrong, and final: only their author knows them. No rewards can be stated or checked any more, and what they weigh is skipped; a vote can set reputationFloorBasisPoints to 10,000`;
    case 'poolRanDry':
      return `round ${event.round}: the pool ran dry: ${formatUnits(event.paidGwei, 9)} of ${formatUnits(event.wantedGwei, 9)} tokens are paid; add to it with \`tributary fund\``;
    case 'cheated':
      return `round ${event.round}: CHEATS: ${event.did}`;
    case 'refused':
      return `round ${event.round}: the contract refused it: ${event.by}`;
    case 'notSwept':
      return `nothing was removed from the store: ${event.reason}`;
    case 'missing':
      return `round ${event.round}: the ${event.what} ${event.cid}, which this node proposed, IS MISSING from its store: it is fetched or computed again`;
    case 'restored':
      return `round ${event.round}: the ${event.what} ${event.cid} is in the store again`;
    case 'retrying':
      return `${event.step} failed, trying again: ${event.reason}`;
    case 'stopped':
      return `stopped: ${event.reason}`;
    case 'failed':
      return `failed: ${event.message}`;
  }
}
