/** What past scores leave of an update's weight, on chain: quoted too low, too high, and rightly. */
import { expect } from 'chai';
import { ZeroAddress, ZeroHash } from 'ethers';
import { openInputOf } from '../../../client/core/challenges/evidence.ts';
import { fromHex } from '../../../client/core/hash.ts';
import { hashInputs } from '../../../client/core/inputs.ts';
import {
  createReputations,
  openReputation,
  type Reputations,
  readReputations,
  weigh,
} from '../../../client/core/rewards/reputations.ts';
import type { Settlement } from '../../../client/core/rewards/settle.ts';
import { falsified, type Scored, score, stageScored, state } from '../rewards/settledRound.ts';
import { proposalFor, propose, proposeAs, submit, turnHolderOf } from '../round.ts';
import { submitVerified } from '../stagedRound.ts';
import { proposeInputs } from './fault.ts';

/** Of the three trainers that have an account; two do well, and one badly. */
const table = [
  [900, 400, -100],
  [800, 500, -50],
  [1000, 420, -90],
];
const [good, bad, withoutAccount, enrolledLater] = [0, 2, 3, 4];
const weight = 1_000;
/** That of the floor, and with the reputation that one round makes. */
const [least, more] = [500, 562];

interface Weighed {
  scored: Scored;
  settlement: Settlement;
  submissions: Awaited<ReturnType<typeof submitVerified>>[];
  reputations: Reputations;
}

async function stageUnrewarded(): Promise<{ scored: Scored; settlement: Settlement }> {
  const options = { count: 5, enrolled: 3, dimension: 64, weight, reputationFloorBasisPoints: 5_000 };
  const scored = await stageScored(3, options);
  // before its deadline has passed
  await submit(scored.federation, ...scored.trainers);
  return { scored, settlement: await score(scored, table) };
}

/** The word that round 2 leaves to the rounds after it. */
async function proposeRound2({ federation, aggregators, evaluators }: Scored): Promise<string> {
  const { response } = await propose(federation, [...aggregators, ...evaluators], 5);
  const receipt = await response.wait();
  const [event] = await federation.queryFilter(federation.filters.AggregateProposed(2), receipt!.blockNumber);
  return event!.args.nextReputations;
}

/** Round 3 is open, its inputs are weighed, and all have submitted to it. */
async function stageWeighed(): Promise<Weighed> {
  const { scored, settlement } = await stageUnrewarded();
  const { rewards, time, trainers, updates } = scored;
  await state(
    scored,
    falsified(settlement, () => ({})),
  );
  await time.increase(500);
  await rewards.finalizeRewards(1);
  const word = await proposeRound2(scored);
  await rewards.connect(trainers[enrolledLater]!).enrol(trainers[enrolledLater]!.address);
  const submissions: Weighed['submissions'] = [];
  for (const [index, trainer] of trainers.entries()) {
    submissions.push(await submitVerified(scored, trainer, updates[index]!, 3));
  }
  const accounts = await Promise.all(trainers.map(({ address }) => rewards.accountOf(address)));
  const places = new Map(trainers.map(({ address }, index) => [address, Number(accounts[index]!.number) - 1]));
  const { floorBasisPoints } = readReputations(fromHex(word))!;
  const reputations = createReputations(floorBasisPoints, settlement.balances, (trainer) => places.get(trainer));
  return { scored, settlement, submissions, reputations };
}

/** Proposes round 3 with one update of another weight, and says how the contract is called about it. */
async function quote({ scored, submissions, reputations }: Weighed, index: number, quoted: number) {
  const inputs = scored.updates.map(({ trainer, updateRoot, weight: declared }, at) => {
    return { trainer, updateRoot, weight: at === index ? quoted : weigh(reputations, trainer, declared) };
  });
  const proposal = await proposeInputs(scored, inputs);
  const { terms, commitment, cid } = submissions[index]!;
  const opening = openReputation(reputations, scored.updates[index]!.trainer);
  const input = openInputOf({ inputs, tree: hashInputs(inputs) }, index);
  const { challenges, stranger, federation } = scored;
  const refute = (reputation = opening) =>
    challenges.inputs
      .connect(stranger)
      .refuteMisquoted(federation, proposal, input, terms, commitment, cid, reputation);
  return { opening, refute };
}

describe('Reputations', function () {
  this.timeout(60_000);

  it('weigh nothing before rewards are final, nor by a statement that was voided', async () => {
    const { scored, settlement } = await stageUnrewarded();
    const { rewards, rewardChallenges, ethers, networkHelpers } = scored;
    const { facts, statement } = await state(
      scored,
      falsified(settlement, () => ({})),
    );
    const challenges = await rewardChallenges.getAddress();
    await networkHelpers.setBalance(challenges, 10n ** 18n);
    await rewards.connect(await ethers.getImpersonatedSigner(challenges)).voidRewards(facts, statement, ZeroAddress);
    expect(await proposeRound2(scored)).to.equal(ZeroHash);
  });

  it('name the final balances, how many accounts they hold, and the floor', async () => {
    const { scored, settlement, reputations } = await stageWeighed();
    const { balancesRoot, accounts } = await scored.rewards.finalBalances();
    expect(Number(accounts)).to.equal(settlement.balances.length);
    expect(reputations.balances.map(({ reputation }) => reputation).slice(0, 3)).to.deep.equal([8191, 8191, 0]);
    const [event] = await scored.federation.queryFilter(scored.federation.filters.AggregateProposed(2));
    const rest = `${accounts.toString(16).padStart(8, '0')}1388`;
    expect(event!.args.nextReputations).to.equal(`${balancesRoot.slice(0, 54)}${rest}`);
  });

  for (const [who, index, right] of [
    ['a trainer that did well', good, more],
    ['a trainer that did badly', bad, least],
    ['a trainer without account', withoutAccount, least],
    ['a trainer that enrolled later', enrolledLater, least],
  ] as const) {
    it(`of ${who} leave an update the weight that they must`, async () => {
      const weighed = await stageWeighed();
      const { refute } = await quote(weighed, index, right);
      const { inputs } = weighed.scored.challenges;
      await expect(refute()).to.be.revertedWithCustomError(inputs, 'QuotedRightly');
    });
    for (const quoted of [right - 1, right + 1, weight]) {
      it(`of ${who} refute a weight of ${quoted}`, async () => {
        const weighed = await stageWeighed();
        const { refute } = await quote(weighed, index, quoted);
        await expect(refute()).to.emit(weighed.scored.federation, 'ProposalVoided');
      });
    }
  }

  it('must be shown as they are, along a whole path, to refute anything', async () => {
    const weighed = await stageWeighed();
    const { inputs } = weighed.scored.challenges;
    const { opening, refute } = await quote(weighed, good, more);
    for (const change of [{ reputation: 0 }, { cumulativeGwei: 1n }, { path: opening.path.with(3, ZeroHash) }]) {
      await expect(refute({ ...opening, ...change })).to.be.revertedWithCustomError(inputs, 'OtherReputations');
    }
    // an inner node is no leaf
    for (const path of [opening.path.slice(1), [...opening.path, ZeroHash], []]) {
      await expect(refute({ ...opening, path })).to.be.revertedWithCustomError(inputs, 'WrongPathLength');
    }
  });

  it('weigh nothing after a skipped round: it may be that nobody knows them', async () => {
    const weighed = await stageWeighed();
    const { federation, aggregators, evaluators, trainers, time } = weighed.scored;
    const electors = [...aggregators, ...evaluators];
    await time.increase(5_000);
    await federation.skipRound(3);
    await submit(federation, ...trainers);
    await expect(propose(federation, electors, 5)).to.be.revertedWithCustomError(federation, 'WrongBase');
    const proposal = { ...(await proposalFor(federation, 5)), reputations: ZeroHash };
    await proposeAs(federation, await turnHolderOf(federation, electors), proposal, electors);
    expect((await federation.proposalOf(4)).baseRound).to.equal(2);
    const { balancesRoot } = await weighed.scored.rewards.finalBalances();
    const [event] = await federation.queryFilter(federation.filters.AggregateProposed(4));
    expect(event!.args.nextReputations.slice(0, 54), 'the next model names them again').to.equal(
      balancesRoot.slice(0, 54),
    );
  });

  it('stay those of the round when its proposal is voided', async () => {
    const weighed = await stageWeighed();
    const { federation, aggregators, evaluators } = weighed.scored;
    const before = await federation.baseHash();
    await (await quote(weighed, bad, weight)).refute();
    expect(await federation.baseHash()).to.equal(before);
    await propose(federation, [...aggregators, ...evaluators], 5);
    expect((await federation.proposalOf(3)).round).to.equal(3);
  });
});
