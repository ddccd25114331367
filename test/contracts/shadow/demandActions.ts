/** What becomes of proposals: voids, demands, and who was left out. */
import { AbiCoder, keccak256 } from 'ethers';
import type { ProposalStruct } from '../faults.ts';
import * as openings from './openings.ts';
import { omittedHash } from './proposing.ts';
import * as rounds from './rounds.ts';
import { pick, rarely, type Stage, type Step } from './stage.ts';
import { must, zeroAddress, zeroHash } from './world.ts';

const columnsDepth = 4;

/** One of the newest, and most often one that stands. */
function somePosted(stage: Stage): ProposalStruct | undefined {
  const { world } = stage;
  const standing = stage.proposals.filter((proposal) => {
    const record = rounds.recordOf(world, Number(proposal.round));
    return record?.modelRoot === proposal.modelRoot;
  });
  if (standing.length > 0 && !rarely(stage, 10)) return pick(stage, standing.slice(-4));
  return stage.proposals.at(-1 - stage.random.below(5));
}

/** A posted tree of columns that is empty is proof enough. */
export function refute(stage: Stage): Step | undefined {
  const proposal = somePosted(stage);
  if (proposal === undefined) return undefined;
  const { challenges, federation } = stage.deployment;
  const path = Array.from({ length: columnsDepth }, () => zeroHash);
  const challenger = pick(stage, stage.actors);
  // as a challenge contract says it, with somebody who is rewarded
  if (rarely(stage, 3)) {
    return {
      name: `voidProposal(${proposal.round})`,
      send: () => federation.connect(stage.judge).voidProposal(proposal, challenger.address),
      shadow: (world) => rounds.voidProposal(world, proposal, challenger.address),
    };
  }
  return {
    name: `refuteColumnShape(${proposal.round})`,
    send: () => challenges.aggregate.connect(challenger).refuteColumnShape(federation, proposal, 0, zeroHash, path),
    shadow: (world) => {
      must(proposal.columnsRoot === zeroHash, 'NotInTree');
      rounds.voidProposal(world, proposal, zeroAddress);
    },
  };
}

export function demand(stage: Stage): Step | undefined {
  const proposal = somePosted(stage);
  if (proposal === undefined) return undefined;
  const { challenges, federation } = stage.deployment;
  const demander = pick(stage, stage.actors);
  const value = openings.bondWeiOf(stage.world) + (rarely(stage, 15) ? 1n : 0n);
  const { modelRoot } = proposal;
  const span = openings.demandSpan;
  return {
    name: `demandHashes(${proposal.round})`,
    send: () =>
      challenges.openings
        .connect(demander)
        .demandHashes(federation, proposal, 0, span, span, 0, modelRoot, [], { value }),
    shadow: (world) => openings.demandHashes(world, demander.address, proposal, value),
  };
}

export function settleDemand(stage: Stage): Step | undefined {
  const { world, deployment } = stage;
  const { demands } = world.openings;
  if (demands.length === 0) return undefined;
  const openOnes = demands.flatMap(({ open }, index) => (open ? [index] : []));
  const index = openOnes.length > 0 && !rarely(stage, 10) ? pick(stage, openOnes) : stage.random.below(demands.length);
  const { proposal, ...asked } = demands[index]!;
  const contract = deployment.challenges.openings.connect(pick(stage, stage.actors));
  const demanded = {
    federation: world.addresses.federation,
    round: asked.round,
    proposalHash: hashOfKey(asked.key),
    demander: asked.demander,
    bondWei: asked.bondWei,
    answerBy: asked.answerBy,
    tree: 0,
    height: openings.demandSpan,
    span: openings.demandSpan,
    index: 0,
    node: { hash: proposal.modelRoot, sum: 0n },
  };
  const kind = pick(stage, ['openHashes', 'forfeit', 'forfeit', 'reclaim'] as const);
  if (kind === 'openHashes') {
    const right = !rarely(stage, 5);
    const leaves = stage.leaves.get(proposal.modelRoot)!;
    const nodes = right ? leaves : [...leaves].reverse();
    const { address } = contract.runner as unknown as { address: string };
    return {
      name: `openHashes(${asked.round})`,
      send: () => contract.openHashes(demanded, proposal, nodes),
      shadow: (state) => openings.openHashes(state, address, index, right),
    };
  }
  if (kind === 'reclaim') {
    return {
      name: `reclaim(${asked.round})`,
      send: () => contract.reclaim(demanded),
      shadow: (state) => openings.reclaim(state, index),
    };
  }
  return {
    name: `forfeit(${asked.round})`,
    send: () => contract.forfeit(demanded, proposal),
    shadow: (state) => openings.forfeit(state, index),
  };
}

/** `Openings.hashOf`. */
function hashOfKey(key: string): string {
  const [digest, proposer, proposedAt] = key.split(' ');
  return keccak256(AbiCoder.defaultAbiCoder().encode(['bytes28', 'address', 'uint32'], [digest, proposer, proposedAt]));
}

export function reportUnserved(stage: Stage): Step | undefined {
  const proposal = somePosted(stage);
  if (proposal === undefined) return undefined;
  const account = pick(stage, stage.actors).address;
  const named = stage.actors.find(({ address }) => omittedHash([address]) === proposal.omittedHash);
  const trainer = rarely(stage, 4) ? account : (named?.address ?? account);
  const omitted = [rarely(stage, 8) ? account : trainer];
  return {
    name: `reportUnserved(${proposal.round})`,
    send: () => stage.deployment.federation.reportUnserved(proposal, omitted, trainer),
    shadow: (world) => rounds.reportUnserved(world, proposal, omitted, trainer),
  };
}
