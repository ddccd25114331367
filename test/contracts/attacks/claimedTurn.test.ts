/**
 * Who also trains knows the proposal before its own update is submitted: it claims a turn for it, waits, submits, and proposes in the
 * same block. The aggregator whose turn it is must have its time from when all is there.
 */
import { expect } from 'chai';
import { AbiCoder, keccak256 } from 'ethers';
import { type Founded, found, parameters } from '../deployment.ts';
import { proposalFor, propose, submission, submit } from '../round.ts';
import { Attempts } from './attempts.ts';

const rounds = 6;

/** `Commitments.proposalDigest`. */
async function digestOf(
  { ethers, federation }: Founded,
  proposer: string,
  proposal: Awaited<ReturnType<typeof proposalFor>>,
): Promise<string> {
  const { chainId } = await ethers.provider.getNetwork();
  const type = federation.interface.getFunction('proposeAggregate').inputs[0]!;
  const values = [chainId, await federation.getAddress(), proposer, proposal];
  return keccak256(AbiCoder.defaultAbiCoder().encode(['uint256', 'address', 'address', type], values));
}

/** One aggregator and one of the trainers are the attacker's. */
async function attackTheTurns(founded: Founded) {
  const { federation, trainers, aggregators, provider, time } = founded;
  const attempts = new Attempts();
  const attacker = federation.connect(aggregators[0]!);
  const [last, ...others] = trainers;
  const gasLimit = 1_000_000;
  for (let round = 1; round <= rounds; round++) {
    await submit(federation, ...others);
    const proposal = await proposalFor(federation, trainers.length);
    const digest = await digestOf(founded, aggregators[0]!.address, proposal);
    await attempts.take('claim', () => attacker.claimTurn(round, digest));
    await time.increase(parameters.turnSeconds);
    await provider.request({ method: 'evm_setAutomine', params: [false] });
    await federation.connect(last!).submitUpdate(...submission(last!.address, round), { gasLimit });
    await attempts.take('proposal', () => attacker.proposeAggregate(proposal, [], [], { gasLimit }));
    await provider.request({ method: 'evm_mine' });
    await provider.request({ method: 'evm_setAutomine', params: [true] });
    // the holder comes after it, where it may still
    await attempts.take('proposal of the holder', async () => {
      const { round: open } = await federation.clock();
      if (Number(open) === round) await propose(federation, aggregators, trainers.length);
    });
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round);
  }
  const proposed = await federation.queryFilter(federation.filters.AggregateProposed());
  const own = proposed.filter(({ args }) => args.proposer === aggregators[0]!.address);
  return { attempts, outcome: { turns: own.length } };
}

describe('Attack: a turn that is claimed before all is there', () => {
  it('takes nobody’s turn', async () => {
    const asItWas = { turns: rounds };
    const asItMustBe = { turns: rounds / 3 };
    const { attempts, outcome } = await attackTheTurns(await found(3, 3));
    expect(outcome, `${attempts}`).to.deep.equal(asItWas);
    expect(outcome, `${attempts}`).to.not.deep.equal(asItMustBe);
  });
});
