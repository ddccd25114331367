/** What the chain answers when something is wrong, as one of our errors. */
import { isError } from 'ethers';
import { contractInterface, type ErrorName } from '../contracts/contracts.ts';
import { challengeContracts } from '../contracts/names.ts';
import { TributaryError, type TributaryErrorOptions } from '../core/errors.ts';
import { describeWire } from './wire.ts';

/** The contracts whose errors a person may meet. */
const answering = [
  'Federation',
  'Electors',
  'Rewards',
  'Stake',
  'TributaryToken',
  ...challengeContracts,
  'Policy',
  'TributaryGovernor',
  'Treasury',
  'GovernedCalls',
  'VotingPower',
  'FederationFactory',
  'NodeAccount',
] as const;

/** The custom error's name and arguments, `WrongRound(round=3, openRound=4)`. */
export function describeRevert(
  data: string,
): { name: string; args: Record<string, unknown>; text: string } | undefined {
  for (const name of answering) {
    const parsed = contractInterface(name).parseError(data);
    if (parsed === null) continue;
    const args = Object.fromEntries(parsed.fragment.inputs.map((input, index) => [input.name, parsed.args[index]]));
    const list = Object.entries(args).map(([key, value]) => `${key}=${String(value)}`);
    return { name: parsed.name, args, text: `${parsed.name}(${list.join(', ')})` };
  }
  return undefined;
}

/** The chain did not answer, or not as it should: the same may succeed later. */
export function unreachable(
  step: string,
  reason: string,
  { cause, args = {} }: Pick<TributaryErrorOptions, 'cause' | 'args'> = {},
): TributaryError {
  const message = `${step}: the chain did not answer (${reason}). Check the RPC address and that its node runs.`;
  return new TributaryError('CHAIN_UNREACHABLE', message, { cause, retryable: true, args: { ...args, reason } });
}

/** Reverts become TRANSACTION_REVERTED with `args.revert` naming the contract's error; failures of the wire CHAIN_UNREACHABLE. */
export function explainChainFailure(cause: unknown, step: string): TributaryError {
  if (cause instanceof TributaryError) {
    const { args, code } = cause;
    return code === 'CHAIN_UNREACHABLE' && typeof args.reason === 'string'
      ? unreachable(step, args.reason, { cause, args })
      : cause;
  }
  const data = revertData(cause);
  if (data !== undefined) {
    const revert = describeRevert(data);
    return new TributaryError('TRANSACTION_REVERTED', `${step}: the contract refused it: ${revert?.text ?? data}.`, {
      cause,
      args: { ...revert?.args, revert: revert?.name ?? data },
    });
  }
  if (isError(cause, 'INSUFFICIENT_FUNDS')) {
    return new TributaryError(
      'ACCOUNT_NO_FUNDS',
      `${step}: the account cannot pay for gas: send it some of the chain's currency.`,
      { cause },
    );
  }
  if (isError(cause, 'CALL_EXCEPTION')) {
    return new TributaryError('TRANSACTION_REVERTED', `${step}: the contract refused it without saying why.`, {
      cause,
    });
  }
  return unreachable(step, describeWire(cause), { cause });
}

/** As `explainChainFailure` for what ethers throws; undefined for what is no failure of the chain. */
export function knownFailure(cause: unknown, step: string): TributaryError | undefined {
  if (cause instanceof TributaryError) return cause;
  const { code, shortMessage } = (cause ?? {}) as { code?: unknown; shortMessage?: unknown };
  const ofEthers = cause instanceof Error && typeof code === 'string' && typeof shortMessage === 'string';
  return ofEthers ? explainChainFailure(cause, step) : undefined;
}

/** Nodes put the revert's data in different places. */
function revertData(cause: unknown, depth = 0): string | undefined {
  if (typeof cause !== 'object' || cause === null || depth > 5) return undefined;
  const { data } = cause as { data?: unknown };
  if (typeof data === 'string' && /^0x[0-9a-fA-F]{8,}$/.test(data)) return data;
  for (const key of ['data', 'error', 'info', 'cause'] as const) {
    const found = revertData((cause as Record<string, unknown>)[key], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What `act` answers, or undefined where the contract refuses it with one of these errors. */
export async function unlessRefused<T>(errors: readonly ErrorName[], act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!isRefusedBy(error, errors)) throw error;
    return undefined;
  }
}

/** Whether the contract refused it with one of these errors. */
export function isRefusedBy(error: unknown, errors: readonly ErrorName[]): boolean {
  const name = revertName(error);
  return name !== undefined && errors.includes(name);
}

/** The name of the contract's error behind a failure; the bytes, as hexadecimal, where they are of none that is known. */
export function revertName(error: unknown): ErrorName | undefined {
  if (!(error instanceof TributaryError) || error.code !== 'TRANSACTION_REVERTED') return undefined;
  return typeof error.args.revert === 'string' ? (error.args.revert as ErrorName) : undefined;
}

export type Sentences = Partial<Record<ErrorName, (args: Record<string, unknown>) => string>>;

/** What the contract refused, as what to do about it. */
export function refusal(error: unknown, sentences: Sentences): unknown {
  const revert = revertName(error);
  const sentence = revert === undefined ? undefined : sentences[revert];
  if (sentence === undefined) return error;
  const { args } = error as TributaryError;
  return new TributaryError('NOT_ELIGIBLE', sentence(args), { cause: error, args });
}
