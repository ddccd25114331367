/** Where rounds are quick, an aggregator that states nothing must not cost everybody the rewards of its round. */
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { type Founded, found, parameters, rewardParameters } from '../deployment.ts';
import { playRound } from '../round.ts';
import { Attempts } from './attempts.ts';

/** The statement of a round that nobody has scored. */
function emptyStatement(round: bigint) {
  const paidGwei = rewardParameters.rewardGwei;
  const nothing = { middle: 0, accounts: 0, previousBalancesRoot: ZeroHash, evaluators: '0x', entries: '0x' };
  return { ...nothing, round, paidGwei, pageRoots: [ZeroHash] };
}

/** As many rounds as the ring holds are proposed as soon as they may: all have submitted at once. */
async function attackBySilence(founded: Founded) {
  const { federation, rewards, token, trainers, aggregators, time } = founded;
  const attempts = new Attempts();
  await token.approve(rewards, 10n ** 22n);
  await rewards.fund(10n ** 22n);
  const first = await playRound(federation, trainers, aggregators);
  const honest = aggregators.find(({ address }) => address !== first.proposer.address)!;
  const stateFirst = () => rewards.connect(honest).proposeRewards(first.proposal, emptyStatement(1n));
  for (let round = 2; round <= 3; round++) await playRound(federation, trainers, aggregators);
  await time.increase(parameters.challengeSeconds);
  for (let round = 1; round <= 3; round++) {
    await attempts.take('finalisation', () => federation.finalizeRound(round));
    await attempts.take(`statement after round ${round}`, stateFirst);
    await attempts.take('next round', () => playRound(federation, trainers, aggregators));
  }
  await time.increase(parameters.turnSeconds);
  await attempts.take('statement in its own turn', stateFirst);
  return { attempts, outcome: { isStated: (await rewards.rewardOf(1)).round === 1n } };
}

describe('Attack: a reward statement that its aggregator does not make', () => {
  it('is made by another aggregator before the round is forgotten', async () => {
    const asItMustBe = { isStated: true };
    const { attempts, outcome } = await attackBySilence(await found(3, 2));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
