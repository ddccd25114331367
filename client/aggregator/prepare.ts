/** Computes what follows from a round's inputs, and pins it. */
import { ruleFields } from '../chain/parameters.ts';
import type { Proposal, Round } from '../chain/rounds.ts';
import { aggregate } from '../core/aggregate.ts';
import { digestOfCid } from '../core/cid.ts';
import { modelToBytes } from '../core/codec.ts';
import { toHex } from '../core/hash.ts';
import { encodeInputsList, omittedHash } from '../core/inputs.ts';
import type { Participant } from '../participant/participant.ts';
import { type Models, modelOfRound } from '../participant/rounds/models.ts';
import type { ChosenInputs } from './inputs.ts';

/** A proposal, and when it was ready (wall clock, ms). */
export interface Ready {
  proposal: Proposal;
  readyAt: number;
}

/** Errors: those of `Models.get` and of the store. */
export async function prepareProposal(
  node: Participant,
  models: Models,
  round: Round,
  { updates, omitted, reputations }: ChosenInputs,
): Promise<Ready> {
  const { federation, parameters, report } = node;
  const base = await models.get(round.baseRound);
  const startedAt = performance.now();
  const result = aggregate(parameters().rule, base, updates);
  const { commitment } = result;
  models.remember(commitment.modelRoot, result.model);
  report({
    event: 'aggregated',
    round: round.number,
    inputs: commitment.inputCount,
    seconds: (performance.now() - startedAt) / 1000,
    modelRoot: toHex(commitment.modelRoot),
  });
  const modelCid = await node.store.put(modelToBytes(result.model));
  const inputsCid = await node.store.put(encodeInputsList(result.updates));
  const proposal: Proposal = {
    round: round.number,
    baseRound: round.baseRound,
    inputCount: commitment.inputCount,
    totalWeight: commitment.totalWeight,
    // the base was verified against this root when it came
    baseModelRoot: modelOfRound(federation, node.task, round.baseRound).root,
    modelRoot: commitment.modelRoot,
    modelCid: digestOfCid(modelCid),
    inputsCid: digestOfCid(inputsCid),
    inputsRoot: commitment.inputsRoot,
    columnsRoot: commitment.columnsRoot,
    omittedHash: omittedHash(omitted),
    reputations,
    ...ruleFields(parameters().rule),
  };
  return { proposal, readyAt: Date.now() };
}
