/** What the chain answers when something is wrong, as one of our errors. */
import { isError } from 'ethers';
import { contractInterface, type ErrorName } from '../contracts/contracts.ts';
import { challengeContracts } from '../contracts/names.ts';
import { type ErrorCode, TributaryError, type TributaryErrorOptions } from '../core/errors.ts';
import type { Refusal } from './refusals.ts';

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

/** What is said of a refusal, after what it was refused for. */
const refused: Record<Refusal, (words: string) => string> = {
  limited: (words) =>
    `rate limited by the chain's node ("${words}"). It is asked again later; where this lasts, look less often with --poll-ms or give another node with --rpc.`,
  passing: (words) => `the chain's node is in trouble ("${words}"). It is asked again later.`,
  tooWide: (words) => `the chain's node gives no logs of so many blocks ("${words}").`,
  nonceUsed: (words) => `another transaction of this account was faster ("${words}").`,
  nonceAhead: (words) => `the chain's node waits for an earlier transaction of this account ("${words}").`,
  alreadyKnown: (words) => `the chain's node has this transaction already ("${words}").`,
  notReplaced: (words) => `the chain's node waits for another transaction of this account ("${words}").`,
  underpriced: (words) => `the chain's node wants a higher fee ("${words}").`,
  noFunds: (words) => `the account cannot pay for gas ("${words}"): send it some of the chain's currency.`,
  tooMuchGas: (words) =>
    `it takes more gas than this chain allows ("${words}"): the federation needs a chain whose transactions may take 2^24.`,
  unsupported: (words) => `the chain's node does not offer this ("${words}"): give another node with --rpc.`,
  reverted: (words) => `the contract refused it ("${words}").`,
  unknown: (words) => `the chain's node refused it ("${words}").`,
};
const codes: Partial<Record<Refusal, ErrorCode>> = {
  limited: 'CHAIN_UNREACHABLE',
  passing: 'CHAIN_UNREACHABLE',
  noFunds: 'ACCOUNT_NO_FUNDS',
  tooMuchGas: 'TRANSACTION_TOO_LARGE',
};

type Details = Pick<TributaryErrorOptions, 'cause' | 'args'>;

/** The chain did not answer, or with nothing that is an answer: the same may succeed later. */
export function unreachable(step: string, reason: string, { cause, args = {} }: Details = {}): TributaryError {
  const message = `${step}: the chain did not answer (${reason}). Check the RPC address and that its node runs.`;
  return new TributaryError('CHAIN_UNREACHABLE', message, { cause, retryable: true, args: { ...args, reason } });
}

/** A node answered that it does not do it: its own words, and what to do. Only what is for the person to mend is not to be tried again. */
export function refusedByNode(
  step: string,
  refusal: Refusal,
  words: string,
  { cause, args = {} }: Details = {},
): TributaryError {
  const code = codes[refusal] ?? 'CHAIN_REFUSED';
  const retryable = code === 'CHAIN_UNREACHABLE' || code === 'CHAIN_REFUSED';
  const message = `${step}: ${refused[refusal](words)}`;
  return new TributaryError(code, message, { cause, retryable, args: { ...args, refusal, reason: words } });
}

/** Why a node refused it; undefined for what is no refusal. */
export function refusalOf(cause: unknown): Refusal | undefined {
  return cause instanceof TributaryError ? (cause.args.refusal as Refusal | undefined) : undefined;
}

/** True where nobody knows what became of the request: the provider failed, and did not refuse. */
export function isOfProvider(error: TributaryError): boolean {
  return error.code === 'CHAIN_UNREACHABLE' || error.code === 'CHAIN_REFUSED';
}

/**
 * Reverts become TRANSACTION_REVERTED with `args.revert` naming the contract's error; what a node refuses is named by its own words; failures
 * of the wire become CHAIN_UNREACHABLE.
 */
export function explainChainFailure(cause: unknown, step: string): TributaryError {
  if (cause instanceof TributaryError) {
    const { args } = cause;
    if (typeof args.reason !== 'string') return cause;
    const refusal = refusalOf(cause);
    if (refusal !== undefined) return refusedByNode(step, refusal, args.reason, { cause, args });
    return cause.code === 'CHAIN_UNREACHABLE' ? unreachable(step, args.reason, { cause, args }) : cause;
  }
  const data = revertData(cause);
  if (data !== undefined) {
    const revert = describeRevert(data);
    return new TributaryError('TRANSACTION_REVERTED', `${step}: the contract refused it: ${revert?.text ?? data}.`, {
      cause,
      args: { ...revert?.args, revert: revert?.name ?? data },
    });
  }
  if (isError(cause, 'INSUFFICIENT_FUNDS')) return refusedByNode(step, 'noFunds', describeWire(cause), { cause });
  if (isError(cause, 'CALL_EXCEPTION')) {
    return new TributaryError('TRANSACTION_REVERTED', `${step}: the contract refused it without saying why.`, {
      cause,
    });
  }
  if (isError(cause, 'INVALID_ARGUMENT')) {
    const message = `${step}: ${cause.argument}: ${describeWire(cause)}: ${String(cause.value)}.`;
    return new TributaryError('ARGUMENT_INVALID', message, { cause });
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

/** A part of a sentence: what went wrong on the way. */
export function describeWire(cause: unknown): string {
  const { message, shortMessage } = (cause ?? {}) as { message?: string; shortMessage?: string };
  return firstLine(String(shortMessage ?? message ?? cause));
}

/** What is shown of somebody else's words. */
export function firstLine(text: string): string {
  return text.trim().split('\n')[0]!.slice(0, 200);
}
