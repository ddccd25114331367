/** A trainer that submits and serves nobody its update makes every round wait: it must not do so for ever. */
import { expect } from 'chai';
import { toHex } from '../../../client/core/hash.ts';
import { omittedHash } from '../../../client/core/inputs.ts';
import { type Founded, found, parameters } from '../deployment.ts';
import { proposalFor, submit } from '../round.ts';
import { attest } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

const rounds = 5;

/** All aggregators say that they could not fetch what is left out. */
async function proposeWithout(founded: Founded, omitted: string[], inputCount: number): Promise<void> {
  const { federation, aggregators } = founded;
  const hash = toHex(omittedHash(omitted));
  const proposal = { ...(await proposalFor(federation, inputCount)), omittedHash: hash };
  const holder = await federation.turnHolder(proposal.round);
  const proposer = aggregators.find(({ address }) => address === holder)!;
  const others = aggregators.filter(({ address }) => address !== holder);
  const attestations = await attest(founded, proposal.round, proposal.inputsRoot, others);
  await federation.connect(proposer).proposeAggregate(proposal, omitted, attestations);
}

async function attackThePace(founded: Founded) {
  const { federation, trainers, stranger, time } = founded;
  const attempts = new Attempts();
  const [withholding, ...others] = trainers;
  let waited = 0;
  for (let round = 1; round <= rounds; round++) {
    await submit(federation, ...others);
    await attempts.take('submission', () => submit(federation, withholding!));
    const omitted = (await federation.isTrainer(withholding!.address)) ? [withholding!.address] : [];
    if (omitted.length > 0) {
      waited++;
      await time.increase(parameters.submissionSeconds);
    }
    await proposeWithout(founded, omitted, others.length);
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round);
    await attempts.take('report', () => federation.connect(stranger).reportAbsence(withholding!.address));
  }
  return { attempts, outcome: { isEveryRoundSlow: waited === rounds } };
}

describe('Attack: an update that nobody gets', () => {
  it('does not make every round wait', async () => {
    const asItWas = { isEveryRoundSlow: true };
    const asItMustBe = { isEveryRoundSlow: false };
    const { attempts, outcome } = await attackThePace(await found(4, 3));
    expect(outcome, `${attempts}`).to.deep.equal(asItWas);
    expect(outcome, `${attempts}`).to.not.deep.equal(asItMustBe);
  });
});
