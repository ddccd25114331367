/** Brings a proposal to the chain: in turn, with its attestations, and only to the chain on which its inputs were read. */

import { explainChainFailure, isRefusedBy, revertName } from '../chain/failure.ts';
import { proposalDigest, structArgument } from '../chain/federation.ts';
import type { Proposal } from '../chain/rounds.ts';
import type { ErrorName } from '../contracts/contracts.ts';
import type { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { inputsListBytes } from '../core/inputs.ts';
import { modelBytes } from '../core/numbers.ts';
import { callFederation, type Participant } from '../participant/participant.ts';
import type { ElectorsReader } from '../participant/rounds/electors.ts';
import type { AttestedChoice } from './inputs.ts';
import type { Ready } from './prepare.ts';

/** What the chain answers where another was faster, or electors have come, gone or changed their keys: the next look tells. */
const overtaken: readonly ErrorName[] = ['WrongRound', 'TooFewAttestations', 'NotAnElector', 'WrongSignature'];
/** A contract that does not see its chain's hashes refuses every anchor; after so many that are right, none is sent. */
const mostRefusedAnchors = 2;

/** The block at which the inputs were read. */
export interface Anchor {
  number: number;
  hash: string;
}

export type Outcome = 'proposed' | 'overtaken' | 'notMyTurn' | 'tooManyOmitted';

export interface Proposing {
  /** Errors: those of `Sender.send`. */
  propose(proposal: Proposal, choice: AttestedChoice): Promise<Outcome>;
  /** Starts the wait after which an aggregator that keeps silent is passed over; one that is only slow gets half a turn. */
  claimTurn(ready: Ready, submissionDeadline: number): Promise<void>;
}

export function createProposing(node: Participant, electors: ElectorsReader): Proposing {
  const { federation, account, addresses, parameters, report } = node;
  const nowhere: Anchor = { number: 0, hash: `0x${'00'.repeat(32)}` };
  let refusedAnchors = 0;
  let claimedRound: number | undefined;

  async function propose(proposal: Proposal, choice: AttestedChoice): Promise<Outcome> {
    const { omitted, attestations } = choice;
    const { number, hash } = federation.head();
    const anchor = refusedAnchors < mostRefusedAnchors && hash !== '' ? { number, hash } : nowhere;
    try {
      const args = [structArgument(proposal), omitted, attestations, anchor];
      const step = `proposing round ${proposal.round}`;
      const receipt = await callFederation(node, step, 'proposeAggregate', args);
      refusedAnchors = Math.min(refusedAnchors, anchor === nowhere ? mostRefusedAnchors : 0);
      report({
        event: 'proposed',
        round: proposal.round,
        modelRoot: toHex(proposal.modelRoot),
        modelCid: toHex(proposal.modelCid),
        gas: Number(receipt.gasUsed),
        bytes: modelBytes(node.task.dimension) + inputsListBytes(proposal.inputCount),
      });
      return 'proposed';
    } catch (error) {
      return await explain(error, anchor, choice);
    }
  }

  async function explain(error: unknown, anchor: Anchor, { refuse }: AttestedChoice): Promise<Outcome> {
    switch (revertName(error)) {
      case 'NotYourTurn':
        return 'notMyTurn';
      case 'TooManyOmitted':
        return 'tooManyOmitted';
      case 'AnotherChain':
        refusedAnchors = (await isStillThere(anchor)) ? refusedAnchors + 1 : 0;
        return 'overtaken';
      default:
        if (!isRefusedBy(error, overtaken)) throw error;
        if (isRefusedBy(error, ['WrongSignature'])) refuse?.(String((error as TributaryError).args.signer));
        electors.forget();
        return 'overtaken';
    }
  }

  /** Else the chain has taken the block back, and the next step reads it again. */
  async function isStillThere({ number, hash }: Anchor): Promise<boolean> {
    const block = await federation.provider.getBlock(number).catch((cause: unknown) => {
      throw explainChainFailure(cause, 'reading a block');
    });
    return block?.hash === hash;
  }

  async function claimTurn({ proposal, readyAt }: Ready, submissionDeadline: number): Promise<void> {
    if (claimedRound === proposal.round || federation.chainTime() >= submissionDeadline) return;
    if (Date.now() < readyAt + parameters().turnSeconds * 500) return;
    await federation.sync();
    if (federation.state.openRound !== proposal.round) return;
    const digest = proposalDigest(addresses, account, proposal);
    await callFederation(node, 'claiming the turn', 'claimTurn', [proposal.round, digest]);
    claimedRound = proposal.round;
  }

  return { propose, claimTurn };
}
