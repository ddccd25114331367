/**
 * The contracts by name: their interfaces, the names in which the type checker knows, and objects to read them by.
 * Nothing here needs a compiler: `abi.ts` and `creationCode.ts` are written by `npm run build` from contracts/.
 */
import {
  Contract,
  type ContractRunner,
  type ErrorFragment,
  type EventFragment,
  type FunctionFragment,
  Interface,
  type LogDescription,
  type TransactionDescription,
} from 'ethers';
import { abis } from './abi.ts';
import type { ContractName } from './names.ts';
import type { Reads } from './types.ts';

type Abis = typeof abis;
type Entry<N extends ContractName, Kind extends string> = Extract<Abis[N][number], { type: Kind }>;

/** The functions of a contract, by name. */
export type MethodName<N extends ContractName = ContractName> = Entry<N, 'function'>['name'];
/** The events of a contract, by name. */
export type EventName<N extends ContractName = ContractName> = Entry<N, 'event'>['name'];
/** The errors of a contract, by name. */
export type ErrorName<N extends ContractName = ContractName> = Entry<N, 'error'>['name'];

/** ethers' `Interface` that takes and gives only names which the contract has. */
export interface ContractInterface<N extends ContractName> extends Interface {
  encodeFunctionData(method: MethodName<N>, values?: readonly unknown[]): string;
  decodeFunctionResult: Interface['decodeFunctionResult'];
  encodeFilterTopics(event: EventName<N>, values: readonly unknown[]): (string | string[])[];
  parseLog(log: { topics: readonly string[]; data: string }): (LogDescription & { name: EventName<N> }) | null;
  parseTransaction(transaction: {
    data: string;
    value?: bigint;
  }): (TransactionDescription & { name: MethodName<N> }) | null;
}

/** ethers hashes the signature of every event, function or error each time one is looked up: what was found is remembered. */
class RememberingInterface extends Interface {
  readonly #events = new Map<string, EventFragment | null>();
  readonly #functions = new Map<string, FunctionFragment | null>();
  readonly #errors = new Map<string, ErrorFragment | null>();

  override getEvent(key: string, values?: unknown[]): EventFragment | null {
    return values === undefined
      ? remember(this.#events, key, () => super.getEvent(key))
      : super.getEvent(key, values as never);
  }

  override getFunction(key: string, values?: unknown[]): FunctionFragment | null {
    return values === undefined
      ? remember(this.#functions, key, () => super.getFunction(key))
      : super.getFunction(key, values as never);
  }

  override getError(key: string, values?: unknown[]): ErrorFragment | null {
    return values === undefined
      ? remember(this.#errors, key, () => super.getError(key))
      : super.getError(key, values as never);
  }
}

function remember<T>(known: Map<string, T>, key: string, find: () => T): T {
  if (!known.has(key)) known.set(key, find());
  return known.get(key)!;
}

const interfaces = new Map<ContractName, Interface>();

/** Parsed once, when it is first asked for. */
export function contractInterface<N extends ContractName>(name: N): ContractInterface<N> {
  let parsed = interfaces.get(name);
  if (parsed === undefined) {
    parsed = new RememberingInterface(abis[name]);
    interfaces.set(name, parsed);
  }
  return parsed as ContractInterface<N>;
}

/** What a contract answers: a method for each function that changes nothing. */
export type ContractReader<N extends ContractName> = Reads<Abis[N]>;

/** The contract at `address`, asked by `runner`. Errors: those of ethers. */
export function readContract<N extends ContractName>(
  name: N,
  address: string,
  runner: ContractRunner,
): ContractReader<N> {
  return new Contract(address, contractInterface(name), runner) as unknown as ContractReader<N>;
}
