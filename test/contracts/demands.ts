/** Demands for openings of a staged round whose proposal is right, and their answers. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import type { ContractTransactionResponse, Log, Result } from 'ethers';
import { proveNode, sumNodeAt } from '../../client/core/sumTree.ts';
import { parameters } from './deployment.ts';
import { columnLeaves, FlatTree, modelLeaves, sumNode } from './evidence.ts';
import type { ProposalStruct } from './faults.ts';
import { proposeStaged, type Staged, stage } from './stagedRound.ts';

export type TreeName = 'model' | 'columns';
/** As types/Demand.sol numbers them. */
const treeNumbers = { model: 0, columns: 1 };

/** A round whose proposal stands, and who acts on it. */
export interface Scene extends Staged {
  proposer: HardhatEthersSigner;
  demander: HardhatEthersSigner;
  helper: HardhatEthersSigner;
  proposal: ProposalStruct;
  posted: Record<TreeName, FlatTree>;
}

export async function setScene(options: Parameters<typeof stage>[0]): Promise<Scene> {
  const staged = await stage(options);
  const proposal = await proposeStaged(staged);
  const address = (await staged.federation.proposalOf(proposal.round)).proposer;
  const proposer = staged.aggregators.find((aggregator) => aggregator.address === address)!;
  const [demander, helper] = staged.accounts.slice(12) as [HardhatEthersSigner, HardhatEthersSigner];
  return { ...staged, proposal, posted: postedTrees(staged), proposer, demander, helper };
}

function postedTrees({ right }: Staged): Scene['posted'] {
  const { leaves, depth } = columnLeaves(right);
  const model = modelLeaves(right.model);
  return { model: new FlatTree(model, Math.ceil(Math.log2(model.size))), columns: new FlatTree(leaves, depth) };
}

/** The bond of a demand for `nodes` nodes. */
export function bondWeiOf(nodes: number): bigint {
  return BigInt(nodes) * parameters.demandBondWei;
}

export async function demandHashes(
  { challenges, federation, proposal, posted }: Scene,
  demander: HardhatEthersSigner,
  tree: TreeName,
  height: number,
  span: number,
  index: number,
  value = bondWeiOf(span === 0 ? 32 : 2 ** span),
): Promise<ContractTransactionResponse> {
  const nodes = posted[tree];
  const path = nodes.path(index, height);
  return await challenges.openings
    .connect(demander)
    .demandHashes(federation, proposal, treeNumbers[tree], height, span, index, nodes.node(height, index), path, {
      value,
    });
}

export async function demandInputs(
  { challenges, federation, proposal, right }: Scene,
  demander: HardhatEthersSigner,
  height: number,
  span: number,
  index: number,
  value = bondWeiOf(span === 0 ? 32 : 2 ** span),
): Promise<ContractTransactionResponse> {
  const { tree } = right.inputsTree;
  const node = sumNode(sumNodeAt(tree, height, index));
  const path = proveNode(tree, height, index).map(sumNode);
  return await challenges.openings
    .connect(demander)
    .demandInputs(federation, proposal, height, span, index, node, path, { value });
}

/** The struct of the demand that a transaction made. */
export async function demandOf({ challenges }: Pick<Staged, 'challenges'>, response: ContractTransactionResponse) {
  const { logs } = (await response.wait())!;
  const parsed = logs.map((log: Log) => challenges.openings.interface.parseLog(log));
  const { args } = parsed.find((event) => event?.name === 'OpeningDemanded')!;
  const demand = args.demand as Result;
  return { ...demand.toObject(), node: (demand.node as Result).toObject() } as unknown as DemandStruct;
}

export interface DemandStruct {
  federation: string;
  round: bigint;
  proposalHash: string;
  demander: string;
  bondWei: bigint;
  answerBy: bigint;
  tree: bigint;
  height: bigint;
  span: bigint;
  index: bigint;
  node: { hash: string; sum: bigint };
}

/** The contract holds open bonds and what it owes, and nothing else. */
export async function expectHeld({ challenges, ethers, ...scene }: Scene, openBondsWei: bigint): Promise<void> {
  let wei = openBondsWei;
  for (const { address } of [scene.demander, scene.helper, scene.proposer]) {
    wei += await challenges.openings.owedWei(address);
  }
  expect(await ethers.provider.getBalance(challenges.openings)).to.equal(wei);
}
