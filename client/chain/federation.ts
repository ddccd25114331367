/** A federation as a node sees it: its state, followed by events, and the transactions on it. */
import { AbiCoder, keccak256, type TransactionReceipt, type TransactionRequest } from 'ethers';
import { type ContractReader, contractInterface, type MethodName, readContract } from '../contracts/contracts.ts';
import type { ContractName } from '../contracts/names.ts';
import { invariant } from '../core/errors.ts';
import { fromHex, type Hash, toHex } from '../core/hash.ts';
import type { Addresses } from './connect.ts';
import { isSignedByContract, rememberForBlock } from './contractSignatures.ts';
import { createEventFeed, createFolding, type Head } from './events.ts';
import { explainChainFailure } from './failure.ts';
import type { ParametersOnChain } from './parameters.ts';
import type { ChainProvider } from './provider.ts';
import { applyEventInPlace } from './roundEvents.ts';
import { emptyState, type FederationState, type Proposal } from './rounds.ts';
import type { Sender } from './sender.ts';
import { shared } from './shared.ts';

/** What the contract fixes for the task. */
export interface TaskOnChain {
  manifestCid: Hash;
  genesisModelRoot: Hash;
  genesisModelCid: Hash;
  dimension: number;
  /** Rounds that can be in flight, plus one. */
  ringSize: number;
}

/** `Signs.AsContract` of contracts/types/Aggregators.sol. */
const asContract = 2;

/** A federation as its events tell it, and what is asked of its contracts. Errors of what begins with `read`: CHAIN_UNREACHABLE (retryable). */
export interface FederationClient {
  readonly addresses: Addresses;
  readonly provider: ChainProvider;
  readonly contracts: {
    federation: ContractReader<'Federation'>;
    policy: ContractReader<'Policy'>;
    stake: ContractReader<'Stake'>;
    token: ContractReader<'TributaryToken'>;
  };
  /** The state as of the last `sync`. */
  readonly state: FederationState;
  /** Reads new events. Errors: CHAIN_UNREACHABLE (retryable). */
  sync(): Promise<FederationState>;
  /** The chain's clock in seconds since 1970, never ahead of it. */
  chainTime(): number;
  /** The newest block that was read: none before it is still to come. */
  head(): Readonly<Head>;
  /** Those of every round that is open or in flight, as of the last `sync`. */
  parameters(): ParametersOnChain;
  readTask(): Promise<TaskOnChain>;
  /** Digest of the CID of the manifest in force. */
  readManifestCid(): Promise<Hash>;
  /** What the electors that attest a round's inputs, its proposer among them, must weigh together. */
  readAttestationQuorum(round: number): Promise<number>;
  /** 0 for who is no elector of the round; 2 for who aggregates and evaluates. */
  readElectorWeight(account: string, round: number): Promise<number>;
  /**
   * Whether the federation takes this as the signature of an account that was a contract when it joined (EIP-1271), as of the newest block.
   * Errors: CHAIN_UNREACHABLE.
   */
  isSignedAsContract(account: string, digest: string, signature: string): Promise<boolean>;
  /** The aggregators in the order of their turns: whose turn it is in the open round stands first. */
  readTurns(): Promise<string[]>;
  /** How many turns in a row an aggregator has missed. */
  readMissedTurns(aggregator: string): Promise<number>;
}

/** Follows a federation from the block in which it was deployed. The state is empty until the first `sync`. */
export function openFederation(provider: ChainProvider, addresses: Addresses, deployBlock: number): FederationClient {
  const feed = createEventFeed(provider, addresses.federation, 'Federation', deployBlock);
  const fold = createFolding(feed);
  let state = emptyState();
  // one after the other: the feed has one cursor
  const sync = shared(async () => {
    const { events, rewound } = await feed.poll();
    if (rewound) state = emptyState();
    fold(() => {
      for (const event of events) applyEventInPlace(state, event);
    });
    return state;
  });
  const contracts = {
    federation: readContract('Federation', addresses.federation, provider),
    policy: readContract('Policy', addresses.policy, provider),
    stake: readContract('Stake', addresses.stake, provider),
    token: readContract('TributaryToken', addresses.token, provider),
  };

  const remember = rememberForBlock<boolean>(() => feed.head().number);

  async function ask<T>(step: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      throw explainChainFailure(cause, step);
    }
  }

  return {
    addresses,
    provider,
    contracts,
    get state() {
      return state;
    },
    sync,
    chainTime: () => feed.time(),
    head: () => feed.head(),
    async readTask() {
      const task = await ask('reading the task', () => contracts.federation.task());
      return {
        manifestCid: fromHex(task.manifestCid),
        genesisModelRoot: fromHex(task.genesisModelRoot),
        genesisModelCid: fromHex(task.genesisModelCid),
        dimension: Number(task.dimension),
        ringSize: Number(task.ringSize),
      };
    },
    readManifestCid: async () =>
      fromHex((await ask('reading the documents', () => contracts.policy.documentsInForce())).manifestCid),
    parameters() {
      invariant(state.parameters !== undefined, 'The parameters were asked for before the first synchronisation');
      return state.parameters;
    },
    readAttestationQuorum: async (round) =>
      Number(await ask('reading the quorum', () => contracts.federation.attestationQuorum(round))),
    readElectorWeight: async (account, round) =>
      Number(await ask('asking who may attest', () => contracts.federation.electorWeight(account, round))),
    isSignedAsContract: (account, digest, signature) =>
      remember([account, digest, signature].join(' '), async () => {
        const signs = await ask('asking how an account signs', () => contracts.federation.signsOf(account));
        if (Number(signs) !== asContract) return false;
        return await isSignedByContract(provider, { asker: addresses.federation, account, digest, signature });
      }),
    readTurns: async () => [...(await ask('reading the turns', () => contracts.federation.aggregators()))],
    readMissedTurns: async (aggregator) =>
      Number(await ask('reading missed turns', () => contracts.federation.missedTurns(aggregator))),
  };
}

/** Sends a call of one of the contracts, with `valueWei` of the chain's own currency. */
export function transact<N extends ContractName>(
  sender: Sender,
  step: string,
  to: string,
  contract: N,
  method: MethodName<N>,
  args: readonly unknown[],
  signal?: AbortSignal,
  valueWei = 0n,
): Promise<TransactionReceipt> {
  const data = contractInterface(contract).encodeFunctionData(method, args);
  const request: TransactionRequest = { to, data, value: valueWei };
  return sender.send(step, request, signal);
}

/** A struct as ethers takes it: bytes as hexadecimal. */
export function structArgument(struct: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(struct).map(([key, value]) => [key, fieldArgument(value)]));
}

function fieldArgument(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  return Array.isArray(value) ? value.map(fieldArgument) : value;
}

/** `Commitments.proposalDigest` of contracts/libraries. */
export function proposalDigest(addresses: Addresses, proposer: string, proposal: Proposal): string {
  const fragment = contractInterface('Federation').getFunction('proposeAggregate')!.inputs[0]!;
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'address', fragment],
      [addresses.chainId, addresses.federation, proposer, structArgument(proposal)],
    ),
  );
}
