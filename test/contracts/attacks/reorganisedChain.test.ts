/** A submission that comes into the chain by a reorganisation must not make an honest proposal a false one. */
import { expect } from 'chai';
import { toHex } from '../../../client/core/hash.ts';
import { hashInputs } from '../../../client/core/inputs.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import { aggregatorBondWei, parameters } from '../deployment.ts';
import { inputOpening } from '../evidence.ts';
import { attestedBy, proposalFor, turnHolderOf } from '../round.ts';
import { proposeStaged, type Staged, stage, submitVerified } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** The second trainer's submission to round 2 is in the chain only after the proposal was computed. */
async function attackAnHonestProposal(staged: Staged) {
  const { federation, challenges, stake, trainers, updates, aggregators, stranger, time } = staged;
  const attempts = new Attempts();
  await proposeStaged(staged);
  const inputs = updates.filter((_, index) => index !== 1);
  const submit = async (index: number) => await submitVerified(staged, trainers[index]!, updates[index]!, 2);
  const { ethers, networkHelpers } = staged;
  const { restore } = await networkHelpers.takeSnapshot();

  for (const index of [0, 2]) await submit(index);
  await time.increase(parameters.submissionSeconds);
  const { hash, sum } = sumTreeRoot(hashInputs(inputs));
  const proposal = {
    ...(await proposalFor(federation, 2)),
    inputsRoot: toHex(hash),
    totalWeight: BigInt(sum),
  };
  const proposer = await turnHolderOf(federation, aggregators);
  const attestations = await attestedBy(federation, proposal, aggregators, proposer);
  const { number, hash: blockHash } = (await ethers.provider.getBlock('latest'))!;
  const data = federation.interface.encodeFunctionData('proposeAggregate', [
    proposal,
    [],
    attestations,
    { number, hash: blockHash! },
  ]);

  await restore();
  for (const index of [0, 1, 2]) await submit(index);
  await time.increase(parameters.submissionSeconds);
  const to = await federation.getAddress();
  await attempts.take('the proposal as it was signed', () => proposer.sendTransaction({ to, data }));
  const openings = [0, 1].map((index) => inputOpening({ inputsTree: { inputs, tree: hashInputs(inputs) } }, index));
  await attempts.take('refutation', () =>
    challenges.inputs
      .connect(stranger)
      .refuteMissing(federation, proposal, updates[1]!.trainer, 1, openings[0]!, openings[1]!, []),
  );
  return { attempts, outcome: { bondedWei: await stake.bondedWei(federation, proposer.address) } };
}

describe('Attack: a reorganisation around the deadline', () => {
  it('costs no honest proposer its bond', async () => {
    const asItMustBe = { bondedWei: aggregatorBondWei };
    const { attempts, outcome } = await attackAnHonestProposal(await stage({ count: 3, dimension: 64 }));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
