/**
 * A real federation of separate processes, and what happens when they fail: whatever is killed, and whenever, the
 * rounds go on and the final model is, to the bit, that of a run in which nothing happened.
 */
import { expect } from 'chai';
import { developmentWallet } from '../../client/node/key.ts';
import { signalGroup } from '../processGroup.ts';
import { FederationRun, rounds } from './federationRun.ts';

describe('a federation of processes', () => {
  let run: FederationRun;
  let undisturbedRoot: string;

  beforeEach(() => {
    run = new FederationRun();
  });
  afterEach(() => run.close());

  it('grows a model, and every proposal is recomputed by the watchtower', async () => {
    await run.open();
    const watchtower = run.start('watchtower', 5);
    const roles = [
      run.start('trainer', 1),
      run.start('trainer', 2),
      run.start('aggregator', 3),
      run.start('aggregator', 4),
    ];
    expect(await Promise.all(roles.map(({ ended }) => ended))).to.deep.equal([0, 0, 0, 0]);
    expect(await watchtower.ended).to.equal(0);
    const verified = watchtower.events.filter(({ event }) => event === 'verified');
    expect(verified).to.have.length(rounds);
    undisturbedRoot = await run.finalModelRoot();
  });

  it('gives the same model, to the bit, when processes are killed at any point and started again', async () => {
    await run.open();
    const steady = run.start('trainer', 2);
    // a majority attests without the one that is killed
    for (const account of [4, 6]) run.start('aggregator', account);
    let trainer = run.start('trainer', 1);
    let aggregator = run.start('aggregator', 3);
    // in training, after submitting, after serving; while aggregating
    await trainer.event('roundStarted', ({ round }) => round === 1);
    await trainer.kill();
    trainer = run.start('trainer', 1);
    await trainer.event('submitted', ({ round }) => round === 1);
    await trainer.kill();
    await aggregator.kill();
    trainer = run.start('trainer', 1);
    aggregator = run.start('aggregator', 3);
    await aggregator.event('aggregated');
    await aggregator.kill();
    aggregator = run.start('aggregator', 3);
    await trainer.event('trained', ({ round }) => round === 2);
    await trainer.kill();
    trainer = run.start('trainer', 1);
    expect(await Promise.all([steady.ended, trainer.ended, aggregator.ended])).to.deep.equal([0, 0, 0]);
    expect(await run.finalModelRoot()).to.equal(undisturbedRoot);
  });

  it('passes over an aggregator that is killed: its turn goes by, and the others are electors enough', async () => {
    await run.open();
    // as in the demonstration: two aggregators and two evaluators
    const [killed, other] = [run.start('aggregator', 3), run.start('aggregator', 4)] as const;
    const evaluators = [6, 7].map((account) => run.start('evaluator', account, '--source', 'mnist?set=heldOut&seed=1'));
    await Promise.all([killed, other, ...evaluators].map(({ event }) => event('joined')));
    await run.lose(3);
    const roles = [run.start('trainer', 1), run.start('trainer', 2), other];
    expect(await Promise.all(roles.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    expect(other.events.filter(({ event }) => event === 'proposed')).to.have.length(rounds);
    expect(await run.finalModelRoot()).to.equal(undisturbedRoot);
  });

  it('goes on without a trainer that is gone, and with it when it is back', async () => {
    await run.open();
    const many = ['--rounds', '1000'];
    const aggregator = run.start('aggregator', 3, ...many);
    const steady = run.start('trainer', 2, ...many);
    const gone = run.start('trainer', 1, ...many);
    await gone.event('roundStarted', ({ round }) => round === 1);
    await gone.kill();
    // an update is not served while another trainer could still copy it
    await steady.event('submitted', ({ round }) => round === 1);
    await steady.rests();
    expect(steady.events.map(({ event }) => event)).not.to.include('served');
    // the deadline ends the first round; the next ones wait for nobody
    await run.lose(1);
    await steady.event('served', ({ round }) => round === 1);
    await aggregator.event('proposed', ({ round }) => round === 2);
    const back = run.start('trainer', 1, ...many);
    // who was waited for in vain waits itself, and says until when
    await back.event('waiting', (event) => event.for.includes('the account was removed, and joins again then'));
    await back.event('submitted');
    const said = back.events.map(({ event }) => event);
    expect(said.indexOf('joined')).to.be.above(said.indexOf('waiting'));
  });

  it('takes the updates of trainers that nobody can reach', async () => {
    await run.open();
    const hidden = [run.start('trainer', 1, '--listen', 'off'), run.start('trainer', 2, '--listen', 'off')];
    const roles = [...hidden, run.start('aggregator', 3), run.start('aggregator', 4)];
    expect(await Promise.all(roles.map(({ ended }) => ended))).to.deep.equal([0, 0, 0, 0]);
    for (const { events } of hidden) expect(events[0]).to.include({ event: 'started', endpoint: null });
    expect(await run.finalModelRoot()).to.equal(undisturbedRoot);
  });

  it('keeps what a round came from: a watchtower that comes when the trainers are gone can still recompute it', async () => {
    await run.open({ challengeSeconds: 600 });
    for (const account of [1, 2]) run.start('trainer', account);
    const aggregator = run.start('aggregator', 3);
    await aggregator.event('proposed', ({ round }) => round === 2);
    await Promise.all([1, 2].map((account) => run.lose(account)));
    const watchtower = run.start('watchtower', 5);
    const { proposer } = await watchtower.event('verified', ({ round }) => round === 1);
    expect(proposer).to.equal(developmentWallet(3).address);
  });

  it('waits while the chain does not answer, and goes on', async () => {
    await run.open();
    const roles = [run.start('trainer', 1), run.start('trainer', 2), run.start('aggregator', 3)];
    await roles[2]!.event('proposed', ({ round }) => round === 1);
    signalGroup(run.anvil.process, 'SIGSTOP');
    await roles[2]!.event('retrying', ({ code }) => code === 'CHAIN_UNREACHABLE');
    signalGroup(run.anvil.process, 'SIGCONT');
    expect(await Promise.all(roles.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    expect(await run.finalModelRoot()).to.equal(undisturbedRoot);
  });
});
