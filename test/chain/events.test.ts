import { expect } from 'chai';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation, submit } from './federation.ts';

describe('following the chain', () => {
  let anvil: Anvil;

  beforeEach(async () => {
    anvil = await startAnvil();
  });
  afterEach(() => anvil.stop());

  it('folds events into rounds and members', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 2);
    expect(federation.state.openRound).to.equal(1);
    expect(federation.state.trainers.size).to.equal(2);
    await submit(federation, 1, 1);
    await federation.sync();
    const round = federation.state.rounds.get(1)!;
    expect(round.expectedTrainers).to.equal(2);
    expect([...round.submissions.values()].map(({ weight, squaredNorm }) => [weight, squaredNorm])).to.deep.equal([
      [1, 1],
    ]);
  });

  it('reads nothing twice', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 1);
    const before = federation.state;
    await federation.sync();
    await federation.sync();
    expect(federation.state).to.equal(before);
    expect(federation.state.rounds.size).to.equal(1);
  });

  it('forgets what a reorganisation takes back, and reads what replaces it', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 2);
    await submit(federation, 1, 1);
    await federation.sync();
    expect(federation.state.rounds.get(1)!.submissions.size).to.equal(1);

    await anvil.provider.send('anvil_reorg', [1, []]);
    await federation.sync();
    expect(federation.state.rounds.get(1)!.submissions.size).to.equal(0);
    expect(federation.state.trainers.size).to.equal(2);

    await submit(federation, 2, 1);
    await federation.sync();
    const trainers = [...federation.state.rounds.get(1)!.submissions.keys()];
    expect(trainers).to.have.length(1);
  });

  it('survives a reorganisation deeper than what it reads again at first', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 1);
    await submit(federation, 1, 1);
    await anvil.provider.send('anvil_mine', ['0x28']);
    await federation.sync();
    await anvil.provider.send('anvil_reorg', [41, []]);
    await federation.sync();
    expect(federation.state.rounds.get(1)!.submissions.size).to.equal(0);
    expect(federation.state.openRound).to.equal(1);
  });

  it("tells the time by the chain's clock, and never runs ahead of it, whatever our own says", async () => {
    const behindSeconds = 1000;
    const now = () => Date.now() / 1000;
    const late = await startAnvil('--timestamp', String(Math.floor(now()) - behindSeconds));
    try {
      const { federation } = await deploySmallFederation(late.provider, 1);
      await submit(federation, 1, 1);
      await federation.sync();
      expect(federation.chainTime()).to.be.closeTo(now() - behindSeconds, 5);

      await late.provider.send('evm_increaseTime', [3000]);
      await late.provider.send('evm_mine', []);
      await federation.sync();
      const { timestamp } = (await late.provider.getBlock('latest'))!;
      expect(federation.chainTime())
        .to.be.at.least(timestamp)
        .and.at.most(timestamp + 5);
    } finally {
      await late.stop();
    }
  });
});
