/**
 * A node that lies. The roles' own code runs on it, unchanged: what they send to the chain is replaced on its way, in one round.
 */
import type { TransactionReceipt } from 'ethers';
import { revertName } from '../chain/failure.ts';
import { contractInterface, type MethodName } from '../contracts/contracts.ts';
import { TributaryError } from '../core/errors.ts';
import type { Participant } from '../participant/participant.ts';
import { callFederation } from '../participant/participant.ts';

export interface Stage {
  /** What the roles run on. */
  readonly node: Participant;
  readonly attackRound: number;
  /** True once it has cheated: it never does so again. */
  readonly done: boolean;
  /** It has cheated; `gas` is that of the transaction it took. */
  cheated(round: number, did: string, gas: number): void;
  /** Ends what runs on the node. */
  stop(): void;
}

/** What is sent instead: the arguments of the same function, and what that means. */
export interface FalseCall {
  args: readonly unknown[];
  round: number;
  did: string;
}

/** What the contract checks by itself, and refuses whenever it comes: a norm above the bound, inputs that no majority attests. */
const final = ['NormAboveBound', 'TooFewAttestations'];
/** The honest code takes it for the turn of another, and tries again. */
const keptBack = new TributaryError('TRANSACTION_REVERTED', 'It is kept back.', { args: { revert: 'NotYourTurn' } });
/** By which the honest code says that it has sent something. */
const sentEvents = ['proposed', 'submitted', 'rewardsProposed'];

/** Sees the arguments of every call of the method, until it has changed one; undefined leaves it as it is, `later` keeps it back. */
export type Change = (stage: Stage, args: readonly unknown[]) => Promise<FalseCall | 'later' | undefined>;

/** Calls that are replaced. */
export interface Target {
  contract: 'Federation' | 'Rewards';
  method: MethodName<'Federation' | 'Rewards'>;
  change: Change;
}

export function openStage(honest: Participant, attackRound: number, target?: Target): Stage {
  const stop = new AbortController();
  let done = false;
  let falseRound: number | undefined;
  const { sender } = honest;
  const node: Participant = {
    ...honest,
    signal: AbortSignal.any([honest.signal, stop.signal]),
    report(event) {
      // the honest code believes that it has sent what it made
      const mistaken = 'round' in event && sentEvents.includes(event.event) && event.round === falseRound;
      if (!mistaken) honest.report(event);
    },
    sender: {
      ...sender,
      async send(step, request, signal, options) {
        if (done || target === undefined) return await sender.send(step, request, signal, options);
        const { contract, method, change } = target;
        const call = contractInterface(contract).parseTransaction({ data: String(request.data) });
        const changed = call?.name === method ? await change(stage, [...call.args]) : undefined;
        if (changed === 'later') throw keptBack;
        if (changed === undefined) return await sender.send(step, request, signal, options);
        const data = contractInterface(contract).encodeFunctionData(method, [...changed.args]);
        return await sendFalsely(changed, () => sender.send(step, { ...request, data }, signal, options));
      },
    },
  };
  const stage: Stage = {
    node,
    attackRound,
    get done() {
      return done;
    },
    cheated(round, did, gas) {
      done = true;
      falseRound = round;
      honest.report({ event: 'cheated', round, did, gas });
    },
    stop: () => stop.abort(),
  };

  async function sendFalsely({ round, did }: FalseCall, send: () => Promise<TransactionReceipt>) {
    try {
      const receipt = await send();
      stage.cheated(round, did, Number(receipt.gasUsed));
      return receipt;
    } catch (error) {
      const refusal = revertName(error) ?? '';
      if (final.includes(refusal)) {
        stage.cheated(round, did, 0);
        honest.report({ event: 'refused', round, by: refusal });
      }
      if (refusal === 'NormAboveBound') await giveUp();
      throw error;
    }
  }

  /** Nobody is to wait for it. */
  async function giveUp(): Promise<void> {
    await callFederation(honest, 'leaving', 'leaveAsTrainer', []);
    stage.stop();
  }

  return stage;
}
