import { expect } from 'chai';
import { AbiCoder, dataSlice, keccak256 } from 'ethers';
import { type FederationClient, proposalDigest } from '../../client/chain/federation.ts';
import { readDemands } from '../../client/chain/openings.ts';
import type { Proposal } from '../../client/chain/rounds.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { developmentWallet } from '../../client/node/key.ts';

const [federation, other, proposer] = [1, 2, 3].map((index) => developmentWallet(index).address) as [
  string,
  string,
  string,
];
const addresses = { chainId: 1, federation, challenges: { Openings: other } } as FederationClient['addresses'];

/** One whose every root is `seed`. */
function proposalOf(seed: number): Proposal {
  const roots = ['baseModelRoot', 'modelRoot', 'modelCid', 'inputsCid', 'inputsRoot', 'columnsRoot', 'omittedHash'];
  const hash = new Uint8Array(32).fill(seed);
  const numbers = { round: 3, baseRound: 2, inputCount: 1, totalWeight: 1, rule: 0, trimBasisPoints: 0 };
  return { ...numbers, ...Object.fromEntries([...roots, 'reputations'].map((name) => [name, hash])) } as Proposal;
}

function digestOf(seed: number): string {
  return dataSlice(proposalDigest(addresses, proposer, proposalOf(seed)), 0, 28);
}

/** `Openings.hashOf` of a proposal. */
function hashOf(digest: string, proposedAt: number): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(['bytes28', 'address', 'uint32'], [digest, proposer, proposedAt]));
}

interface Demanded {
  id: number;
  of?: string;
  round?: number;
  proposalHash?: string;
}

/** What is read of these demands, where the proposal of round 3 that stands is the second one. */
async function idsOf(demanded: readonly Demanded[]): Promise<number[]> {
  const logs = demanded.map(({ id, of = federation, round = 3, proposalHash = hashOf(digestOf(2), 200) }) => {
    const node = { hash: digestOf(5).padEnd(66, '0'), sum: 0 };
    const place = { tree: 0, height: 3, span: 3, index: 0, node };
    const demand = { federation: of, round, proposalHash, demander: other, bondWei: 8, answerBy: 90, ...place };
    return contractInterface('Openings').encodeEventLog('OpeningDemanded', [
      `0x${id.toString(16).padStart(64, '0')}`,
      demand,
    ]);
  });
  const proposed = { proposal: proposalOf(2), proposer, proposedAt: 200 };
  const client = {
    addresses,
    provider: { getBlockNumber: async () => 9, readRange: async () => ({ logs }) },
    state: { rounds: new Map([[3, { proposed }]]) },
  } as unknown as FederationClient;
  return (await readDemands(client, 3, 9)).map(({ id }) => Number(id));
}

describe('the demands of a proposal', () => {
  it('are not those of the void proposal before it, made in the same block', async () => {
    expect(await idsOf([{ id: 1, proposalHash: hashOf(digestOf(1), 100) }, { id: 2 }])).to.deep.equal([2]);
    expect(await idsOf([{ id: 1, proposalHash: hashOf(digestOf(2), 100) }])).to.deep.equal([]);
  });

  it('are only those of its own round and federation', async () => {
    expect(await idsOf([{ id: 1 }, { id: 2, round: 4 }, { id: 3, of: other }, { id: 4 }])).to.deep.equal([1, 4]);
  });
});
