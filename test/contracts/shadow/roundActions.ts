/** Submissions and proposals, and how rounds end. */
import { id } from 'ethers';
import { concatBytes, fromHex, toHex } from '../../../client/core/hash.ts';
import { buildMerkleTree, merkleRoot } from '../../../client/core/merkle.ts';
import type { ProposalStruct } from '../faults.ts';
import { attest, packTerms } from '../round.ts';
import { electorWeight } from './evaluators.ts';
import { hasSubmitted } from './membership.ts';
import { omittedHash, proposalHash, proposeAggregate } from './proposing.ts';
import * as rounds from './rounds.ts';
import { freshHash, pick, rarely, type Stage, type Step } from './stage.ts';
import { zeroHash } from './world.ts';

export function submit(stage: Stage): Step {
  const { world, deployment } = stage;
  const actor = pick(stage, stage.actors);
  const { clock } = world.federation;
  const round = rarely(stage, 12) ? clock.round + 1 : clock.round;
  const weight = pick(stage, [1, 7, 300, 300, 300, rarely(stage, 5) ? 0 : 300, rarely(stage, 5) ? 301 : 2]);
  const squaredNorm = rarely(stage, 15) ? clock.maxSquaredNorm + 1n : 12_345n;
  const [commitment, cid] = [freshHash(stage, 'commitment'), freshHash(stage, 'cid')];
  const submission = { round, squaredNorm, weight, commitment, cid };
  const terms = packTerms(round, squaredNorm, weight);
  return {
    name: `submitUpdate(${round})`,
    send: () => deployment.federation.connect(actor).submitUpdate(terms, commitment, cid),
    shadow: (state) => rounds.submitUpdate(state, actor.address, submission),
  };
}

/** For the open round, mostly right in all that the federation checks. */
function draft(stage: Stage): { proposal: ProposalStruct; omitted: string[] } {
  const { world, actors } = stage;
  const { clock, base } = world.federation;
  const submitted = actors.filter(({ address }) => hasSubmitted(world, address, clock.round));
  const omitted = submitted.length > 0 && rarely(stage, 3) ? [pick(stage, submitted).address] : [];
  const expected = clock.expectedTrainers || 1;
  const inputCount = rarely(stage, 5) ? pick(stage, [submitted.length || 1, 1, 2, 7]) : expected;
  const leaves = Array.from({ length: 16 }, () => freshHash(stage, 'leaf'));
  const modelRoot = toHex(merkleRoot(buildMerkleTree(concatBytes(...leaves.map(fromHex)))));
  stage.leaves.set(modelRoot, leaves);
  const proposal: ProposalStruct = {
    round: BigInt(clock.round),
    baseRound: BigInt(clock.baseRound),
    inputCount,
    totalWeight: BigInt(inputCount) * (rarely(stage, 20) ? 0n : 7n),
    rule: BigInt(clock.rule),
    trimBasisPoints: BigInt(clock.trimBasisPoints),
    baseModelRoot: rarely(stage, 20) ? id('another base') : base.modelRoot,
    modelRoot,
    modelCid: id('model cid'),
    inputsCid: id('inputs cid'),
    inputsRoot: freshHash(stage, 'inputs'),
    columnsRoot: rarely(stage, 2) ? zeroHash : id('columns'),
    omittedHash: omittedHash(rarely(stage, 20) ? [] : omitted),
    reputations: base.reputations,
  };
  return { proposal, omitted };
}

/** The whole of what a claim names. */
function claimOf(stage: Stage, proposer: string, proposal: ProposalStruct): string {
  return proposalHash(stage.world, proposer, proposal);
}

export function claimTurn(stage: Stage): Step {
  const actor = pick(stage, stage.actors);
  const { proposal, omitted } = draft(stage);
  if (omitted.length === 0) stage.drafts.set(actor.address, proposal);
  const digest = claimOf(stage, actor.address, proposal);
  const round = Number(proposal.round) + (rarely(stage, 8) ? 1 : 0);
  return {
    name: `claimTurn(${round})`,
    send: () => stage.deployment.federation.connect(actor).claimTurn(round, digest),
    shadow: (world) => rounds.claimTurn(world, actor.address, round, digest),
  };
}

export async function propose(stage: Stage): Promise<Step> {
  const { world, deployment, actors } = stage;
  const { federation } = deployment;
  const holder = actors.find(({ address }) => address === world.federation.turns[0]?.account);
  const actor = rarely(stage, 3) ? pick(stage, actors) : (holder ?? pick(stage, actors));
  const drafted = stage.drafts.get(actor.address);
  const { proposal, omitted } = drafted && rarely(stage, 2) ? { proposal: drafted, omitted: [] } : draft(stage);
  const round = Number(proposal.round);
  const electors = actors.filter(({ address }) => electorWeight(world, address, round) > 0 || rarely(stage, 40));
  const signers = electors.filter((signer) => (signer === actor ? rarely(stage, 40) : !rarely(stage, 8)));
  const forged = rarely(stage, 15);
  const attestations = await attest(federation, proposal, signers);
  if (forged && signers.length > 0) {
    const others = await attest(federation, { round, inputsRoot: id('forged') }, signers.slice(0, 1));
    attestations[0] = others[0]!;
  }
  const reorganised = rarely(stage, 25);
  const { number, hash } = (await deployment.ethers.provider.getBlock('latest'))!;
  const anchor = reorganised ? { number, hash: id('another block') } : { number, hash: hash! };
  stage.proposals.push(proposal);
  const claim = claimOf(stage, actor.address, proposal);
  const addresses = signers.map(({ address }) => address);
  return {
    name: `proposeAggregate(${round})`,
    send: () => federation.connect(actor).proposeAggregate(proposal, omitted, attestations, anchor),
    shadow: (state) =>
      proposeAggregate(state, actor.address, {
        proposal,
        claim,
        omitted,
        signers: addresses,
        forged,
        reorganised,
      }),
  };
}

const ends = { finalizeRound: rounds.finalizeRound, skipRound: rounds.skipRound };

export function finalizeOrSkip(stage: Stage): Step {
  const { federation } = stage.world;
  if (rarely(stage, 10)) {
    const { federation: contract } = stage.deployment;
    return { name: 'openRound', send: () => contract.openRound(), shadow: rounds.callOpenRound };
  }
  const name: keyof typeof ends = rarely(stage, 3) ? 'skipRound' : 'finalizeRound';
  const standing = Math.min(...recordRounds(stage));
  const next = name === 'skipRound' ? federation.clock.round : Number.isFinite(standing) ? standing : 0;
  const round = rarely(stage, 8) ? stage.random.below(federation.latestRound + 2) : next;
  return {
    name: `${name}(${round})`,
    send: () => stage.deployment.federation[name](round),
    shadow: (world) => ends[name](world, round),
  };
}

function recordRounds({ world }: Stage): number[] {
  const { proposals, finalRound } = world.federation;
  return [...proposals.values()].map(({ round }) => round).filter((round) => round > finalRound);
}
