/** Demands to open a proposal's trees, and what was opened. See contracts/interfaces/IOpenings.sol. */

import { AbiCoder, dataSlice, keccak256, type LogDescription, type Result } from 'ethers';
import { contractInterface } from '../contracts/contracts.ts';
import { fromHex, type Hash } from '../core/hash.ts';
import type { SumNode } from '../core/sumTree.ts';
import { explainChainFailure } from './failure.ts';
import { type FederationClient, proposalDigest } from './federation.ts';
import type { ChainLog } from './log.ts';
import { readLogs } from './logs.ts';

/** As the contract numbers them. */
export const trees = ['model', 'columns', 'inputs', 'update'] as const;
export type TreeName = (typeof trees)[number];

/** What was shown of a node. */
export type Opened =
  | { kind: 'hashes'; nodes: Hash[] }
  | { kind: 'sums'; nodes: SumNode[] }
  | { kind: 'columnLeaf'; leafHashes: Hash[]; state: Uint8Array }
  | { kind: 'updateChunk'; chunk: Uint8Array }
  | { kind: 'inputsGroup'; weights: Hash; entries: { trainer: string; updateRoot: Hash }[] };

export interface Demand {
  id: string;
  round: number;
  /** Which proposal it is about. */
  proposalHash: string;
  demander: string;
  bondWei: bigint;
  /** Seconds since 1970. */
  answerBy: number;
  tree: TreeName;
  height: number;
  span: number;
  index: number;
  node: SumNode;
  /** The struct, as the contract takes it back. */
  struct: unknown;
  opened?: Opened;
  /** Forfeited or returned. */
  closed: boolean;
}

/**
 * The demands of a round's standing proposal since the block it was made in, oldest first; those of one that was void before are not
 * among them. Errors: CHAIN_UNREACHABLE.
 */
export async function readDemands(federation: FederationClient, round: number, fromBlock: number): Promise<Demand[]> {
  const demands = await readAllDemands(federation, fromBlock);
  const of = demands.filter((demand) => demand.round === round);
  if (of.length === 0) return of;
  const proposed = federation.state.rounds.get(round)?.proposed;
  if (proposed === undefined) return [];
  const { proposal, proposer, proposedAt } = proposed;
  // `hashOf` of the contract, from what the events have shown: no machine that is behind can say otherwise
  const digest = dataSlice(proposalDigest(federation.addresses, proposer, proposal), 0, 28);
  const hash = keccak256(
    AbiCoder.defaultAbiCoder().encode(['bytes28', 'address', 'uint32'], [digest, proposer, proposedAt]),
  );
  return of.filter(({ proposalHash }) => proposalHash === hash);
}

/** The demands made in this federation since a block, oldest first. Errors: CHAIN_UNREACHABLE. */
export async function readAllDemands(federation: FederationClient, fromBlock: number): Promise<Demand[]> {
  const { addresses } = federation;
  const demands = new Map<string, Demand>();
  for (const log of await readOpeningsLogs(federation, fromBlock)) {
    const event = contractInterface('Openings').parseLog(log);
    if (event === null) continue;
    if (event.name === 'OpeningDemanded') {
      const struct = event.args.demand as Result;
      if (struct.federation !== addresses.federation) continue;
      demands.set(event.args.id as string, readDemand(event.args.id as string, struct));
    } else applyInPlace(demands.get(event.args.id as string), event);
  }
  return [...demands.values()];
}

async function readOpeningsLogs(federation: FederationClient, fromBlock: number): Promise<ChainLog[]> {
  const { provider, addresses } = federation;
  const address = addresses.challenges.Openings;
  try {
    return await readLogs(provider, { address }, fromBlock, await provider.getBlockNumber());
  } catch (cause) {
    throw explainChainFailure(cause, 'reading demands');
  }
}

function readDemand(id: string, struct: Result): Demand {
  return {
    id,
    round: Number(struct.round),
    proposalHash: struct.proposalHash as string,
    demander: struct.demander as string,
    bondWei: struct.bondWei as bigint,
    answerBy: Number(struct.answerBy),
    tree: trees[Number(struct.tree)]!,
    height: Number(struct.height),
    span: Number(struct.span),
    index: Number(struct.index),
    node: readSumNode(struct.node as Result),
    struct: struct.toObject(true),
    closed: false,
  };
}

function applyInPlace(demand: Demand | undefined, { name, args }: LogDescription): void {
  if (demand === undefined) return;
  switch (name) {
    case 'HashesOpened':
      demand.opened = { kind: 'hashes', nodes: [...(args.nodes as Result)].map(fromHex) };
      break;
    case 'SumsOpened':
      demand.opened = { kind: 'sums', nodes: [...(args.nodes as Result)].map(readSumNode) };
      break;
    case 'ColumnLeafOpened':
      demand.opened = {
        kind: 'columnLeaf',
        leafHashes: [...(args.leafHashes as Result)].map(fromHex),
        state: fromHex(args.state as string),
      };
      break;
    case 'UpdateChunkOpened':
      demand.opened = { kind: 'updateChunk', chunk: fromHex(args.chunk as string) };
      break;
    case 'InputsGroupOpened': {
      const roots = [...(args.updateRoots as Result)].map(fromHex);
      demand.opened = {
        kind: 'inputsGroup',
        weights: fromHex((args.weights as bigint).toString(16).padStart(64, '0')),
        entries: ([...(args.trainers as Result)] as string[]).map((trainer, i) => ({ trainer, updateRoot: roots[i]! })),
      };
      break;
    }
    case 'DemandForfeited':
    case 'DemandReturned':
    case 'BondLost':
      demand.closed = true;
      break;
  }
}

function readSumNode(node: Result): SumNode {
  return { hash: fromHex(node.hash as string), sum: Number(node.sum) };
}
