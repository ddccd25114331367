/** Evaluators as processes: they score what is proposed, and show the very same scores whatever happens to them. */
import { expect } from 'chai';
import type { RewardsClient } from '../../client/chain/rewards.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { FederationRun, rounds } from '../integration/federationRun.ts';

const evaluators = [5, 6];
const lastRound = rounds;

describe('evaluators', () => {
  let run: FederationRun;
  let rewards: RewardsClient;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
    rewards = run.rewards();
  });
  afterEach(() => run.close());

  const evaluator = (account: number, ...more: string[]) =>
    run.start('evaluator', account, '--source', `mnist:${account - 4}/2?set=heldOut&seed=1`, ...more);

  /** The anvil chain follows the wall clock: joining ends in an earlier second than the first proposal. */
  async function startAll(...more: string[]) {
    const started = evaluators.map((account) => evaluator(account, ...more));
    await Promise.all(started.map((process) => process.event('joined')));
    for (const account of [3, 1, 2]) run.start(account === 3 ? 'aggregator' : 'trainer', account);
    return started;
  }

  it('score, commit and reveal, and one that is killed in between reveals the same', async () => {
    const [victim, other] = await startAll();
    await victim!.event('scoresCommitted', ({ round }) => round === lastRound);
    await victim!.kill('SIGKILL');
    const scored = victim!.events.filter(({ event }) => event === 'scored');
    expect(scored).to.have.length(lastRound);

    const again = evaluator(evaluators[0]!);
    await Promise.all(
      [again, other!].map((process) => process.event('scoresRevealed', ({ round }) => round === lastRound)),
    );
    expect(again.events.filter(({ event }) => event === 'scored' || event === 'scoresCommitted')).to.deep.equal([]);
    const { revealed } = await rewards.sync();
    const accounts = evaluators.map((account) => developmentWallet(account).address);
    for (let round = 1; round <= lastRound; round++) {
      expect([...revealed.get(round)!.keys()], `round ${round}`).to.have.members(accounts);
    }
    // served to whoever settles the round: nothing has to be demanded
    const aggregator = run.processes.find(({ events }) => events.some(({ event }) => event === 'proposed'))!;
    const stated = await aggregator.event('rewardsProposed', ({ round }) => round === lastRound);
    expect(stated).to.include({ scored: 2, evaluators: 2 });
    expect((await rewards.sync()).demanded.size).to.equal(0);
  });

  it('that serve nobody publish their scores on chain when they are demanded', async () => {
    const [hidden] = await startAll('--listen', 'off');
    await hidden!.event('scoresPublished', ({ round }) => round === 1);
    const aggregator = run.processes.find(({ events }) => events.some(({ event }) => event === 'proposed'))!;
    const stated = await aggregator.event('rewardsProposed', ({ round }) => round === 1);
    expect(stated).to.include({ scored: 2, evaluators: 2 });
  });

  it('that never reveal forfeit a part of their stake, say so, and replace it only when they are asked to', async () => {
    const [silent] = await startAll();
    await silent!.event('scoresCommitted', ({ round }) => round === 1);
    await run.lose(evaluators[0]!);
    const aggregator = run.processes.find(({ events }) => events.some(({ event }) => event === 'proposed'))!;
    const forfeited = await aggregator.event('scoresForfeited', ({ round }) => round === 1);
    expect(forfeited.evaluator).to.equal(developmentWallet(evaluators[0]!).address);
    expect(forfeited.takenWei).to.equal(String(10n ** 19n));
    expect((await rewards.sync()).evaluators.has(forfeited.evaluator)).to.equal(false);

    const again = evaluator(evaluators[0]!, '--rounds', '1000');
    const { reason, ...lost } = await again.event('stakeLost');
    expect(lost).to.include({ takenWei: String(10n ** 19n), leftWei: String(9n * 10n ** 19n) });
    expect(reason).to.include('the scores of round 1 that it had committed to were not shown in time');
    const waiting = await again.event('waiting', (event) => event.for.includes('--top-up'));
    expect(waiting.for).to.include('10.0 tokens').and.to.include('`tributary stake 10.0 --role evaluator`');
    await again.rests();
    expect(again.events.map(({ event }) => event)).not.to.include('joined');
    await again.kill();
    const asked = evaluator(evaluators[0]!, '--rounds', '1000', '--top-up');
    await asked.event('joined');
    expect(asked.events.map(({ event }) => event)).not.to.include('stakeLost');
  });
});
