/** Who proposes knows the model, and so the lot, before it proposes: it must be too late then to join for it. */
import { expect } from 'chai';
import { id } from 'ethers';
import { fromHex } from '../../../client/core/hash.ts';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import { enlist, propose, type Scripted, script } from '../rewards/scripted.ts';
import { commitmentOf, joinAsEvaluator } from '../rewards/settledRound.ts';
import { Attempts } from './attempts.ts';

const seats = 2;
const [honestCount, ownCount] = [8, 4];

/** Addresses of the attacker's choice, each of which the lot falls on. */
async function grind({ ethers, networkHelpers }: Scripted, modelRoot: string) {
  const addresses = Array.from({ length: 1000 }, (_, n) => ethers.getAddress(id(`account ${n}`).slice(0, 42)))
    .filter((address) => isDrawn(address, fromHex(modelRoot), honestCount + ownCount, seats))
    .slice(0, ownCount);
  for (const address of addresses) await networkHelpers.setBalance(address, 10n ** 18n);
  return await Promise.all(addresses.map((address) => ethers.getImpersonatedSigner(address)));
}

async function attackTheCommittee(scripted: Scripted) {
  const { rewards, time } = scripted;
  const attempts = new Attempts();
  const honest = await enlist(scripted, honestCount);
  const modelRoot = id('the model that all updates give');
  const own = await grind(scripted, modelRoot);
  for (const evaluator of own) await joinAsEvaluator(scripted, evaluator);
  await time.increase(1);
  const proposed = await propose(scripted, 1, { modelRoot });
  const commitAll = async (evaluators: typeof own) => {
    let committed = 0;
    for (const evaluator of evaluators) {
      const commitment = await commitmentOf(proposed, evaluator.address, []);
      if (await attempts.take('scores', () => rewards.connect(evaluator).commitScores(1, commitment))) committed++;
    }
    return committed;
  };
  const ownSeats = await commitAll(own);
  return { attempts, outcome: { isMajority: ownSeats > (await commitAll(honest)) } };
}

describe('Attack: evaluators that are ground for the lot', () => {
  it('are not the majority of the committee', async () => {
    const asItWas = { isMajority: true };
    const asItMustBe = { isMajority: false };
    const { attempts, outcome } = await attackTheCommittee(await script({ committeeSize: seats }));
    expect(outcome, `${attempts}`).to.deep.equal(asItWas);
    expect(outcome, `${attempts}`).to.not.deep.equal(asItMustBe);
  });
});
