/** A trainer that submits and serves nobody its update makes every round wait: it must not do so for ever. */
import { expect } from 'chai';
import { toHex } from '../../../client/core/hash.ts';
import { omittedHash } from '../../../client/core/inputs.ts';
import { type Founded, found, parameters } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';
import { proposalFor, proposeAs, submit, turnHolderOf } from '../round.ts';
import { Attempts } from './attempts.ts';

const rounds = 5;

/** All aggregators say that they could not fetch what is left out. */
async function proposeWithout(founded: Founded, omitted: string[], inputCount: number): Promise<ProposalStruct> {
  const { federation, aggregators } = founded;
  const hash = toHex(omittedHash(omitted));
  const proposal = { ...(await proposalFor(federation, inputCount)), omittedHash: hash };
  const proposer = await turnHolderOf(federation, aggregators);
  await proposeAs(federation, proposer, proposal, aggregators, omitted);
  return proposal;
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
    const proposal = await proposeWithout(founded, omitted, others.length);
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round);
    await attempts.take('report', () =>
      federation.connect(stranger).reportUnserved(proposal, omitted, withholding!.address),
    );
  }
  return { attempts, outcome: { isEveryRoundSlow: waited === rounds } };
}

describe('Attack: an update that nobody gets', () => {
  it('does not make every round wait', async () => {
    const asItMustBe = { isEveryRoundSlow: false };
    const { attempts, outcome } = await attackThePace(await found(4, 3));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
