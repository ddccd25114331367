/**
 * Answers to demands for openings, by whom they are of use to: a proposal that nobody opens is void. The proposer answers at
 * once, the others when it has kept silent for half of the time; each answer earns half of the demand's bond. Several that are due go in
 * one transaction.
 */

import { explainChainFailure, revertName } from '../chain/failure.ts';
import { transact } from '../chain/federation.ts';
import { type Demand, readAllDemands } from '../chain/openings.ts';
import { isProposed, type ProposedAggregate, proposedRounds } from '../chain/rounds.ts';
import { urgently } from '../chain/sender.ts';
import { contractInterface } from '../contracts/contracts.ts';
import type { Participant } from '../participant/participant.ts';
import type { Models } from '../participant/rounds/models.ts';
import { createFinding } from './finding.ts';
import type { Answer } from './openings.ts';

/** Blocks that are read again, should the chain have replaced them. */
const overlapBlocks = 64;
const patienceShareOfAnswer = 0.5;
/** Of calldata: a transaction may have 128 KiB. */
const longestBatchBytes = 100_000;

interface Prepared {
  demand: Demand;
  call: string;
}

export function createAnswers(node: Participant, models: Models): () => Promise<boolean> {
  const { federation, account, addresses, parameters, report, sender, signal } = node;
  const pending = new Map<string, Demand>();
  const unanswerable = new Set<string>();
  const find = createFinding(node, models);
  /** The blocks that were read, and those that were read twice: no block is done with after one answer. */
  let readBlocks = 0;
  let confirmedBlocks = 0;
  let owed = true;

  async function step(): Promise<boolean> {
    await readDemands();
    let failure: unknown;
    const ready: Prepared[] = [];
    // one that cannot be answered now must not delay the others
    for (const demand of pending.values()) {
      try {
        const found = await prepare(demand);
        if (found !== undefined)
          ready.push({ demand, call: contractInterface('Openings').encodeFunctionData(found.method, found.args) });
      } catch (error) {
        failure ??= error;
      }
    }
    for (const batch of inBatches(ready)) {
      await sendAll(batch).catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure !== undefined) throw failure;
    if (owed && pending.size === 0) {
      await claimOwed(node);
      owed = false;
    }
    return false;
  }

  async function readDemands(): Promise<void> {
    const { number } = federation.head();
    const inFlight = proposedRounds(federation.state).filter(({ final }) => !final);
    const since = inFlight[0]?.proposed.blockNumber;
    if (since !== undefined && number > readBlocks) {
      const demands = await readAllDemands(federation, Math.max(since, confirmedBlocks - overlapBlocks));
      for (const demand of demands) {
        if (demand.opened !== undefined || demand.closed) pending.delete(demand.id);
        else if (!unanswerable.has(demand.id)) pending.set(demand.id, demand);
      }
      confirmedBlocks = readBlocks;
      readBlocks = number;
    }
    for (const { id, round, answerBy } of pending.values()) {
      owed = true;
      const stands = inFlight.some((other) => other.number === round);
      if (!stands || federation.chainTime() > answerBy) pending.delete(id);
    }
  }

  /** Undefined where it is not due, or can never be answered. */
  async function prepare(demand: Demand): Promise<Answer | undefined> {
    const live = federation.state.rounds.get(demand.round);
    if (!isProposed(live) || !isDue(demand, live.proposed)) return undefined;
    // it may be voided meanwhile
    const round = { ...live };
    const found = await find(round, demand);
    if (found !== undefined) return found;
    report({ event: 'unanswerable', round: round.number, proposer: round.proposed.proposer, tree: demand.tree });
    unanswerable.add(demand.id);
    pending.delete(demand.id);
    return undefined;
  }

  function isDue({ answerBy }: Demand, { proposer }: ProposedAggregate): boolean {
    return (
      proposer === account || federation.chainTime() >= answerBy - parameters().answerSeconds * patienceShareOfAnswer
    );
  }

  /** In one transaction; one by one where one of them is refused. */
  async function sendAll(batch: readonly Prepared[]): Promise<void> {
    const [first, second] = batch;
    const { tree, round } = first!.demand;
    const to = addresses.challenges.Openings;
    const step = `opening the ${tree} tree of round ${round}`;
    const data =
      second === undefined
        ? first!.call
        : contractInterface('Openings').encodeFunctionData('answer', [batch.map(({ call }) => call)]);
    try {
      const receipt = await urgently(sender).send(step, { to, data }, signal);
      const gas = Math.round(Number(receipt.gasUsed) / batch.length);
      for (const { demand } of batch) {
        const { id, round, tree, height, span, bondWei } = demand;
        pending.delete(id);
        report({ event: 'answered', round, tree, height, span, bondWei: String(bondWei), gas });
      }
    } catch (error) {
      // another was faster, or what it is about stands no longer: until its time is over it is looked at again
      if (revertName(error) === undefined) throw error;
      if (second !== undefined) for (const one of batch) await sendAll([one]);
    }
  }

  return step;
}

async function claimOwed({ account, addresses, federation, sender, signal }: Participant): Promise<void> {
  const to = addresses.challenges.Openings;
  const data = contractInterface('Openings').encodeFunctionData('owedWei', [account]);
  const answer = await federation.provider.call({ to, data }).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'reading what is owed');
  });
  if (BigInt(answer) === 0n) return;
  await transact(sender, 'claiming what is owed for answers', to, 'Openings', 'claimOwed', [], signal);
}

/** As many as a transaction can have. */
function inBatches(ready: readonly Prepared[]): Prepared[][] {
  const batches: Prepared[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of ready) {
    const size = one.call.length / 2;
    if (bytes + size > longestBatchBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(one);
    bytes += size;
  }
  return batches;
}
