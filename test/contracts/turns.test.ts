import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { createRandom } from '../../client/core/random.ts';
import { aggregatorBondWei, bond, type Founded, found, joinAsAggregator, parameters } from './deployment.ts';
import { eventsOf } from './logs.ts';
import { playRound, proposalFor, proposeAs, submit, turnHolderOf } from './round.ts';
import { skip } from './skippedRound.ts';

const { submissionSeconds, turnSeconds } = parameters;
const steps = Number(process.env.TRIBUTARY_FUZZ_RUNS ?? 120);
const seed = process.env.TRIBUTARY_FUZZ_SEED ?? 'turns';

describe('Turns', () => {
  it('go round in the order of joining, whatever becomes of a round', async () => {
    const founded = await found(3, 3);
    const { federation, trainers, aggregators } = founded;
    const [first, second, third] = aggregators.map(({ address }) => address);
    expect(await federation.aggregators()).to.deep.equal([second, third, first]);
    await playRound(federation, trainers, aggregators);
    expect(await federation.aggregators()).to.deep.equal([third, first, second]);
    await skip(founded);
    expect(await federation.aggregators()).to.deep.equal([first, second, third]);
    expect(await federation.turnHolder()).to.equal(first);
  });

  it('come last to an aggregator that joins, also again: leaving wins no turn', async () => {
    const founded = await found(3, 3);
    const { federation, aggregators, stranger } = founded;
    const [first, second, third] = aggregators.map(({ address }) => address);
    await joinAsAggregator(founded, stranger);
    expect(await federation.aggregators()).to.deep.equal([second, third, first, stranger.address]);
    await federation.connect(aggregators[1]!).leaveAsAggregator();
    expect(await federation.aggregators(), 'its turn is that of the next').to.deep.equal([
      third,
      first,
      stranger.address,
    ]);
    await federation.connect(aggregators[1]!).joinAsAggregator();
    expect(await federation.aggregators()).to.deep.equal([third, first, stranger.address, second]);
  });

  it('keep the place of an aggregator that leaves before its turn, until that would come', async () => {
    const founded = await found(3, 3);
    const { federation, aggregators } = founded;
    const [first, second, third] = aggregators as [HardhatEthersSigner, HardhatEthersSigner, HardhatEthersSigner];
    const order = [second, third, first].map(({ address }) => address);
    expect(await federation.aggregators()).to.deep.equal(order);
    await federation.connect(third).leaveAsAggregator();
    expect(await federation.aggregators()).to.deep.equal([second.address, first.address]);
    await federation.connect(third).joinAsAggregator();
    expect(await federation.aggregators()).to.deep.equal(order);
    await federation.connect(third).leaveAsAggregator();
    await skip(founded);
    expect(await federation.aggregators(), 'its turn was passed over').to.deep.equal([first.address, second.address]);
    await federation.connect(third).joinAsAggregator();
    expect(await federation.aggregators()).to.deep.equal([first, second, third].map(({ address }) => address));
  });

  it('are always those of a single aggregator, and of nobody where there is none', async () => {
    const founded = await found(3, 1);
    const { federation, aggregators } = founded;
    const [only] = aggregators as [HardhatEthersSigner];
    for (let round = 1; round < 4; round++) {
      expect(await federation.turnHolder()).to.equal(only.address);
      await skip(founded);
    }
    await federation.connect(only).leaveAsAggregator();
    expect(await federation.turnHolder()).to.equal(ZeroAddress);
    await skip(founded);
    expect((await federation.clock()).round, 'nobody could propose').to.equal(0);
    await federation.connect(only).joinAsAggregator();
    expect(await federation.turnHolder()).to.equal(only.address);
    expect((await federation.clock()).round).to.equal(5);
  });

  it(`are those of a plain list, whoever joins, leaves and misses them: ${steps} steps (seed "${seed}")`, async function () {
    this.timeout(60_000);
    const random = createRandom(seed);
    const founded = await found(3, 0);
    const { federation, accounts } = founded;
    const actors = accounts.slice(8, 14);
    for (const actor of actors) await bond(founded, actor, aggregatorBondWei);
    /** Who has left keeps its place until its turn would come. */
    const places: { address: string; left: boolean }[] = [];
    const missed = new Map<string, number>(actors.map(({ address }) => [address, 0]));
    const next = () => {
      places.push(...places.splice(0, 1));
      while (places[0]?.left) places.shift();
    };
    for (let step = 0; step < steps; step++) {
      const actor = actors[random.below(actors.length)]!;
      const isOpen = (await federation.clock()).round !== 0n;
      if (random.below(3) === 0 && isOpen) {
        await skip(founded);
        const holder = places[0]?.address;
        if (holder !== undefined) missed.set(holder, missed.get(holder)! + 1);
        next();
      } else {
        const place = places.find(({ address }) => address === actor.address);
        if (place !== undefined && !place.left) {
          await federation.connect(actor).leaveAsAggregator();
          place.left = true;
          if (places[0] === place) next();
        } else {
          await federation.connect(actor).joinAsAggregator();
          if (place === undefined) places.push({ address: actor.address, left: false });
          else place.left = false;
          if (!isOpen) next();
        }
      }
      const ring = places.filter(({ left }) => !left).map(({ address }) => address);
      expect(await federation.aggregators(), `step ${step}`).to.deep.equal(ring);
      expect(await federation.turnHolder()).to.equal(ring[0] ?? ZeroAddress);
      for (const address of ring) expect(await federation.missedTurns(address)).to.equal(missed.get(address));
    }
  });
});

describe('Federation.reportIdle', () => {
  /** It is the first one's turn, and the other proposes once that is over. */
  async function proposeForOther({ federation, trainers, aggregators, time }: Founded) {
    await submit(federation, ...trainers);
    const holder = await turnHolderOf(federation, aggregators);
    const other = aggregators.find((aggregator) => aggregator !== holder)!;
    await time.increase(submissionSeconds + turnSeconds);
    await proposeAs(federation, other, await proposalFor(federation, trainers.length), aggregators);
    await time.increase(500);
    const { round: open } = await federation.clock();
    for (let round = (await federation.finalRound()) + 1n; round < open; round++) {
      const isProposed = (await federation.proposalOf(round)).round === round;
      if (isProposed) await federation.finalizeRound(round);
    }
    return { holder, other };
  }

  it('refuses an account that is no aggregator, and one that has missed too few turns in a row', async () => {
    const founded = await found(3, 2);
    const { federation, aggregators, stranger, trainers } = founded;
    await expect(federation.reportIdle(stranger.address))
      .to.be.revertedWithCustomError(federation, 'NotAnAggregator')
      .withArgs(stranger.address);
    const { holder, other } = await proposeForOther(founded);
    expect(await federation.missedTurns(holder.address)).to.equal(1);
    expect(await federation.missedTurns(other.address)).to.equal(0);
    // the other's turn
    await playRound(federation, trainers, aggregators);
    await proposeForOther(founded);
    await playRound(federation, trainers, aggregators);
    expect(await federation.missedTurns(holder.address)).to.equal(2);
    await expect(federation.reportIdle(holder.address))
      .to.be.revertedWithCustomError(federation, 'NotIdle')
      .withArgs(holder.address, 2);
    // one that it takes ends the row
    await playRound(federation, trainers, aggregators);
    expect(await federation.missedTurns(holder.address)).to.equal(0);
  });

  it('counts no missed turn from before a proposal, also one that was made in the turn of another', async () => {
    const founded = await found(3, 2);
    const { federation, aggregators } = founded;
    const holder = await turnHolderOf(federation, aggregators);
    await skip(founded);
    await skip(founded);
    expect(await federation.missedTurns(holder.address)).to.equal(1);
    await skip(founded);
    expect(await federation.missedTurns(holder.address)).to.equal(2);
    const { other } = await proposeForOther(founded);
    expect(other.address).to.equal(holder.address);
    expect(await federation.missedTurns(holder.address)).to.equal(0);
  });

  it('is not put off by leaving and joining again', async () => {
    const founded = await found(3, 2);
    const { federation, aggregators } = founded;
    const holder = await turnHolderOf(federation, aggregators);
    for (let round = 0; round < 4; round++) await skip(founded);
    await federation.connect(holder).leaveAsAggregator();
    await federation.connect(holder).joinAsAggregator();
    expect(await federation.missedTurns(holder.address)).to.equal(2);
  });

  it('removes an aggregator that has missed three turns, leaves its stake alone, and lets it join again as new', async () => {
    const founded = await found(3, 1);
    const { federation, stake, aggregators } = founded;
    const [idle] = aggregators as [HardhatEthersSigner];
    for (let missed = 0; missed < 3; missed++) await skip(founded);
    const events = await eventsOf(federation, await federation.reportIdle(idle.address));
    expect(events.map(({ name }) => name)).to.deep.equal(['AggregatorIdle', 'AggregatorLeft']);
    expect(await federation.isAggregator(idle.address)).to.equal(false);
    expect(await stake.bondedWei(federation, idle.address)).to.equal(aggregatorBondWei);
    await federation.connect(idle).joinAsAggregator();
    expect(await federation.missedTurns(idle.address)).to.equal(0);
    await expect(federation.reportIdle(idle.address))
      .to.be.revertedWithCustomError(federation, 'NotIdle')
      .withArgs(idle.address, 0);
  });
});
