/** A wrong proposal before the deadline, refuted by an accomplice: it must not decide who is among the inputs, nor who stays. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { AbiCoder, keccak256, ZeroHash } from 'ethers';
import { aggregatorBondWei, type Founded, found, parameters } from '../deployment.ts';
import { announce, faultProof, type ProposalStruct, proposeFault, send } from '../faults.ts';
import { noAnchor, proposalFor, propose, submit } from '../round.ts';
import { Attempts } from './attempts.ts';

/** Five trainers, of whom two are the attacker's, and a challenger that is its accomplice. */
async function scene() {
  const founded = await found(5, 3);
  const { trainers } = founded;
  return { ...founded, own: trainers.slice(0, 2), honest: trainers.slice(2) };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function refuteAsAccomplice(founded: Founded, proposal: ProposalStruct): Promise<void> {
  const { challenges, federation, stranger } = founded;
  const data = await faultProof(founded, proposal);
  await announce(challenges.aggregate, federation, proposal.round, stranger, data);
  await send(challenges.aggregate, stranger, data);
}

/** The attacker's trainers have submitted, its aggregator claims that all have, and what it proposes is wrong. */
async function proposeTooEarly(scene: Scene, attempts: Attempts): Promise<ProposalStruct | undefined> {
  await submit(scene.federation, ...scene.own);
  let proposal: ProposalStruct | undefined;
  await attempts.take('wrong proposal', async () => {
    ({ proposal } = await proposeFault(scene, scene.trainers.length));
  });
  return proposal;
}

async function reportAll({ federation, stranger, honest }: Scene, attempts: Attempts): Promise<void> {
  for (const trainer of honest) {
    await attempts.take('report of absence', () => federation.connect(stranger).reportAbsence(trainer.address));
  }
}

async function countMembers({ federation }: Scene, trainers: readonly HardhatEthersSigner[]): Promise<number> {
  const members = await Promise.all(trainers.map(({ address }) => federation.isTrainer(address)));
  return members.filter(Boolean).length;
}

async function attackTheInputs(scene: Scene) {
  const { federation, stake, aggregators, stranger, own, honest } = scene;
  const attempts = new Attempts();
  const wrong = await proposeTooEarly(scene, attempts);
  if (wrong) await attempts.take('refutation by an accomplice', () => refuteAsAccomplice(scene, wrong));
  let inputCount = own.length;
  for (const trainer of honest) {
    if (await attempts.take('honest submission', () => submit(federation, trainer))) inputCount++;
  }
  await attempts.take('honest proposal', () => propose(federation, aggregators, inputCount));
  await reportAll(scene, attempts);
  const proposed = await federation.queryFilter(federation.filters.AggregateProposed(1));
  return {
    attempts,
    costWei: aggregatorBondWei - (await stake.owedWei(stranger.address)),
    outcome: {
      inputs: proposed.at(-1)!.args.proposal.inputCount,
      honestTrainers: await countMembers(scene, honest),
    },
  };
}

async function attackTheMembers(scene: Scene) {
  const { federation, honest } = scene;
  const attempts = new Attempts();
  const wrong = await proposeTooEarly(scene, attempts);
  await reportAll(scene, attempts);
  if (wrong) await attempts.take('refutation by an accomplice', () => refuteAsAccomplice(scene, wrong));
  return { attempts, outcome: { round: (await federation.clock()).round, members: await countMembers(scene, honest) } };
}

/** Whoever has a bond need not wait for its turn: it claims one for a proposal that it makes up as soon as the round opens. */
async function attackOutOfTurn(scene: Scene) {
  const { ethers, federation, aggregators, time } = scene;
  const attempts = new Attempts();
  const holder = await federation.turnHolder();
  const attacker = aggregators.find(({ address }) => address !== holder)!;
  const proposal = { ...(await proposalFor(federation, scene.trainers.length)), columnsRoot: ZeroHash };
  const { chainId } = await ethers.provider.getNetwork();
  const type = federation.interface.getFunction('proposeAggregate').inputs[0]!;
  const digest = keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'address', type],
      [chainId, await federation.getAddress(), attacker.address, proposal],
    ),
  );
  await attempts.take('claim', () => federation.connect(attacker).claimTurn(1, digest));
  await time.increase(parameters.turnSeconds);
  await attempts.take('proposal', () => federation.connect(attacker).proposeAggregate(proposal, [], [], noAnchor));
  const [opened] = await federation.queryFilter(federation.filters.RoundOpened(1));
  const isEarly = (await time.latest()) < Number(opened!.args.submissionDeadline);
  return { attempts, outcome: { isProposed: (await federation.proposalOf(1)).round === 1n, isEarly } };
}

describe('Attack: a wrong proposal before the deadline', () => {
  it('does not leave the attacker’s updates alone in the round', async () => {
    const asItMustBe = { inputs: 5n, honestTrainers: 3 };
    const { attempts, costWei, outcome } = await attackTheInputs(await scene());
    expect(outcome, `for ${costWei} wei, ${attempts}`).to.deep.equal(asItMustBe);
  });

  it('is not taken out of turn from the aggregator that made it up', async () => {
    const asItMustBe = { isProposed: false, isEarly: true };
    const { attempts, outcome } = await attackOutOfTurn(await scene());
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });

  it('evicts nobody that had not submitted yet', async () => {
    const asItMustBe = { round: 1n, members: 3 };
    const { attempts, outcome } = await attackTheMembers(await scene());
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
