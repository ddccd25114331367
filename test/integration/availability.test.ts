/** Updates that nobody can fetch: the aggregators attest it to one another, and the round goes on without them. */
import { expect } from 'chai';
import { openFederation, transact } from '../../client/chain/federation.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { createSender } from '../../client/chain/sender.ts';
import { packTerms } from '../../client/chain/updateTerms.ts';
import { keccak256, toHex } from '../../client/core/hash.ts';
import { readDeployment } from '../../client/node/deployment.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { FederationRun } from './federationRun.ts';

const silent = developmentWallet(2);
const windows = { submissionSeconds: 6, turnSeconds: 4, challengeSeconds: 2 };

describe('a trainer that submits and never serves', function () {
  this.timeout(120_000);
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open(windows);
  });
  afterEach(() => run.close());

  it('is left out when the other aggregators attest that they could not fetch its update either', async () => {
    const aggregators = [run.start('aggregator', 3), run.start('aggregator', 4)];
    const waited = await proposeWithoutIt(run, async () => {
      for (const aggregator of aggregators) await aggregator.event('joined');
    });
    expect(waited).to.be.below(2 * windows.turnSeconds);
    const attested = await Promise.all(aggregators.map(({ event }) => event('attested', ({ round }) => round === 1)));
    expect(attested.map(({ inputs }) => inputs)).to.deep.equal([1, 1]);
    expect(attested[0]!.inputsRoot).to.equal(attested[1]!.inputsRoot);
  });

  it('is left out after two turns when no other aggregator answers', async () => {
    const aggregator = run.start('aggregator', 3);
    const other = run.start('aggregator', 4);
    const waited = await proposeWithoutIt(run, async () => {
      await aggregator.event('joined');
      await other.event('joined');
      await other.kill();
    });
    expect(waited).to.be.at.least(2 * windows.turnSeconds);
    expect(waited).to.be.below(4 * windows.turnSeconds);
  });
});

/** Seconds from the deadline of the first round to its proposal. */
async function proposeWithoutIt(run: FederationRun, ready: () => Promise<void>): Promise<number> {
  const { provider } = run.anvil;
  const deployment = readDeployment(run.file);
  const federation = openFederation(provider, deployment, deployment.deployBlock);
  await ready();
  await joinAsSilentTrainer();
  const trainer = run.start('trainer', 1);
  await trainer.event('joined');
  await federation.sync();
  await submitWhatNobodyHas();
  await trainer.event('roundStarted', ({ round }) => round === 2);

  await federation.sync();
  const [first] = proposedRounds(federation.state);
  expect([...first!.submissions.keys()]).to.have.length(2);
  expect(first!.proposed.omitted).to.deep.equal([silent.address]);
  expect(first!.proposed.proposal.inputCount).to.equal(1);
  const block = await provider.getBlock(first!.proposed.blockNumber);
  return block!.timestamp - first!.submissionDeadline;

  async function joinAsSilentTrainer(): Promise<void> {
    const sender = createSender(silent, provider);
    const { trainerStakeWei } = await federation.readParameters();
    const { token, stake } = deployment;
    await transact(sender, 'approving', token, 'TributaryToken', 'approve', [stake, trainerStakeWei]);
    await transact(sender, 'depositing', stake, 'Stake', 'deposit', [deployment.federation, trainerStakeWei]);
    await transact(sender, 'joining', deployment.federation, 'Federation', 'joinAsTrainer', []);
  }

  async function submitWhatNobodyHas(): Promise<void> {
    const nothing = toHex(keccak256(new Uint8Array(1)));
    const terms = packTerms({ round: 1, squaredNorm: 1, weight: 1 });
    const sender = createSender(silent, provider);
    await transact(sender, 'submitting', deployment.federation, 'Federation', 'submitUpdate', [
      terms,
      nothing,
      nothing,
    ]);
  }
}
