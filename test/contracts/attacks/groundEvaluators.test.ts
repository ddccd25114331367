/** Who proposes knows the model, and so the lot, before it proposes: it must be too late then to join for it. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { id } from 'ethers';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import type { Founded } from '../deployment.ts';
import { commitmentOf, joinAsEvaluator } from '../rewards/settledRound.ts';
import { proposeStaged, type Staged, stage } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

const seats = 2;
const [honestCount, ownCount] = [8, 4];

async function convene(founded: Founded): Promise<HardhatEthersSigner[]> {
  const honest = founded.accounts.slice(10, 10 + honestCount);
  for (const evaluator of honest) await joinAsEvaluator(founded, evaluator);
  return honest;
}

/** Addresses of the attacker's choice, each of which the lot falls on among so many. */
async function grind({ ethers, networkHelpers, right }: Staged, count: number) {
  const addresses = Array.from({ length: 1000 }, (_, n) => ethers.getAddress(id(`account ${n}`).slice(0, 42)))
    .filter((address) => isDrawn(address, right.commitment.modelRoot, count, seats))
    .slice(0, ownCount);
  for (const address of addresses) await networkHelpers.setBalance(address, 10n ** 18n);
  return await Promise.all(addresses.map((address) => ethers.getImpersonatedSigner(address)));
}

async function attackTheCommittee(staged: Staged) {
  const { federation, rewards } = staged;
  const attempts = new Attempts();
  const own = await grind(staged, honestCount + ownCount);
  for (const evaluator of own) await joinAsEvaluator(staged, evaluator);
  await proposeStaged(staged);
  const proposed = { ...staged, proposedAt: Number((await federation.proposalOf(1)).proposedAt) };
  let ownSeats = 0;
  for (const evaluator of own) {
    const commitment = await commitmentOf(proposed, evaluator.address, []);
    if (await attempts.take('scores', () => rewards.connect(evaluator).commitScores(1, commitment))) ownSeats++;
  }
  return { attempts, outcome: { ownSeats } };
}

describe('Attack: evaluators that are ground for the lot', () => {
  it('have no seat in the committee', async () => {
    const asItMustBe = { ownSeats: 0 };
    const staged = await stage({ rewards: { committeeSize: seats }, convene });
    const { attempts, outcome } = await attackTheCommittee(staged);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
