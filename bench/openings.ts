/**
 * Gas of demands for chunks of updates and of their answers, from receipts, in the largest rounds and models; part of
 * `node bench/gas.ts`. As in `challenges.ts`, of all trees only the paths exist.
 */
import type { ContractTransactionResponse } from 'ethers';
import { squaredNorm, updateToBytes } from '../client/core/codec.ts';
import { toHex } from '../client/core/hash.ts';
import { domain, hashInDomain, rootFromProof } from '../client/core/merkle.ts';
import { chunkCoordinates, chunkCount, treeDepth } from '../client/core/numbers.ts';
import { sumRootFromProof } from '../client/core/sumTree.ts';
import { demandOf } from '../test/contracts/demands.ts';
import { parameters } from '../test/contracts/deployment.ts';
import { sumNode } from '../test/contracts/evidence.ts';
import { proposalFor, proposeAs, turnHolderOf } from '../test/contracts/round.ts';
import {
  crowdedFederation,
  groupsOf,
  randomBytes,
  randomPath,
  randomSums,
  type Size,
  sumOfWeights,
} from './challenges.ts';

const size: Size = { rule: 'mean', updates: 10_000, parameters: 100_000_000 };

/** A chunk of an update that is the fourth input. */
function updateChunk() {
  const chunk = chunkCount(size.parameters) - 2;
  const values = Int16Array.from({ length: chunkCoordinates }, (_, i) => 257 * (i + 1));
  const bytes = updateToBytes(values);
  const path = randomSums(treeDepth(chunkCount(size.parameters)));
  const leaf = { hash: hashInDomain(domain.updateLeaf, bytes), sum: squaredNorm(values) };
  const updateRoot = sumRootFromProof(leaf, chunk, path).hash;
  const trainer = randomBytes(20);
  const [weights, entryPath, groupPath] = [randomBytes(32), randomPath(4), randomSums(treeDepth(groupsOf(size)))];
  const entry = rootFromProof(hashInDomain(domain.inputsEntry, trainer, updateRoot), 3, entryPath);
  const group = { hash: hashInDomain(domain.inputsLeaf, weights, entry), sum: sumOfWeights(weights) };
  return {
    chunk,
    bytes: toHex(bytes),
    path: path.map(sumNode),
    inputsRoot: toHex(sumRootFromProof(group, 0, groupPath).hash),
    input: {
      index: 3,
      trainer: toHex(trainer),
      updateRoot: toHex(updateRoot),
      weights: BigInt(toHex(weights)),
      entryPath: entryPath.map(toHex),
      groupPath: groupPath.map(sumNode),
    },
  };
}

async function gasOf(response: ContractTransactionResponse): Promise<number> {
  return Number((await response.wait())!.gasUsed);
}

/** One of each, and two answers in one transaction. */
export async function measureOpenings(): Promise<Record<string, number>> {
  const founded = await crowdedFederation(size);
  const { federation, aggregators, challenges, accounts } = founded;
  const { chunk, bytes, path, inputsRoot, input } = updateChunk();
  const proposal = { ...(await proposalFor(federation, size.updates)), inputsRoot };
  const proposer = await turnHolderOf(federation, aggregators);
  await proposeAs(federation, proposer, proposal, aggregators);
  const openings = challenges.openings.connect(accounts.at(-1)!);
  const value = 32n * parameters.demandBondWei;
  const demand = () => openings.demandUpdate(federation, proposal, input, chunk, { value });
  const first = await demand();
  const answer = async (response: ContractTransactionResponse) =>
    [await demandOf(founded, response), proposal, bytes, path] as const;
  const by = challenges.openings.connect(proposer);
  const gas = {
    demandUpdate: await gasOf(first),
    openUpdateChunk: await gasOf(await by.openUpdateChunk(...(await answer(first)))),
  };
  const calls: string[] = [];
  for (let count = 0; count < 2; count++) {
    // two demands for the same are of two seconds
    await founded.time.increase(1);
    calls.push(by.interface.encodeFunctionData('openUpdateChunk', (await answer(await demand())) as never));
  }
  return { ...gas, 'answer.two': await gasOf(await by.answer(calls)) };
}
