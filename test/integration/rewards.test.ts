/** Rounds that are scored and paid, by processes of their own; and an aggregator that favours a friend. */
import { expect } from 'chai';
import { openFederation } from '../../client/chain/federation.ts';
import { openRewards, type RewardsClient } from '../../client/chain/rewards.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun, rounds } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

const payee = 8;
const cheat = 3;
const honest = 4;
const evaluators = [6, 7];
const weiPerGwei = 10n ** 9n;
/** Of a round. */
const rewardGwei = 100n * weiPerGwei;
const addressOf = (account: number) => developmentWallet(account).address;

describe('rewards', () => {
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    // no second bond for the cheat, with which it could come back
    await run.open({ rewardPerRound: 100 }, { [cheat]: 1000 });
  });
  afterEach(() => run.close());

  function command(account: number, ...args: string[]) {
    return tributary([...args, '--deployment', run.file, '--dev-account', String(account), '--json']);
  }

  function read(...args: string[]) {
    return tributary([...args, '--deployment', run.file]);
  }

  async function fund(tokens: string): Promise<void> {
    const funded = await command(0, 'fund', tokens);
    expect(funded.code, funded.stderr).to.equal(0);
  }

  /** Evaluators have joined when the first proposal is made. */
  async function startEvaluators(): Promise<RoleProcess[]> {
    const started = evaluators.map((account) => run.start('evaluator', account, '--source', 'mnist:1/10?set=heldOut'));
    await Promise.all(started.map((evaluator) => evaluator.event('joined')));
    return started;
  }

  async function rewardsNow(): Promise<RewardsClient> {
    const deployment = readDeployment(run.file);
    const rewards = openRewards(run.anvil.provider, deployment, deployment.deployBlock);
    await rewards.sync();
    return rewards;
  }

  it('are scored, stated, recomputed, explained, and claimed by the payee', async () => {
    await fund('1000');
    const watchtower = run.start('watchtower', 5);
    await startEvaluators();
    const roles = [
      run.start('aggregator', honest),
      run.start('trainer', 1, '--payee', addressOf(payee)),
      run.start('trainer', 2),
    ];
    expect(await Promise.all([...roles, watchtower].map(({ ended }) => ended))).to.deep.equal([0, 0, 0, 0]);
    expect(watchtower.events.filter(({ event }) => event === 'rewardsVerified')).to.have.length(rounds);

    const { state } = await rewardsNow();
    expect(state.finalRound).to.equal(rounds);
    const { facts } = state.statements.get(1)!;
    expect(facts.feeGwei).to.equal(rewardGwei / 10n);
    expect(facts.trainerPotGwei).to.equal(70n * weiPerGwei);

    const explained = await read('rewards', 'explain', '--round', '1', '--trainer', addressOf(1), '--json');
    expect(explained.code, explained.stderr).to.equal(0);
    const explanation = JSON.parse(explained.stdout);
    const lines = new Map<string, string>(
      explanation.lines.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    const share = (BigInt(lines.get('pot of the trainers')!) * BigInt(lines.get('contribution')!)) / facts.contribution;
    expect(BigInt(explanation.earnedGwei)).to.equal(share).and.to.be.above(0n);
    expect(explanation.checks.every(({ holds }: { holds?: boolean }) => holds !== false)).to.equal(true);

    const token = openFederation(run.anvil.provider, readDeployment(run.file), 0).contracts.token;
    const claimed = await command(payee, 'claim');
    expect(claimed.code, claimed.stderr).to.equal(0);
    const [reward] = JSON.parse(claimed.stdout).rewards;
    expect(reward.account).to.equal(addressOf(1));
    expect(await token.balanceOf(addressOf(payee))).to.equal(BigInt(reward.amountGwei) * weiPerGwei);
    const again = await command(payee, 'claim');
    expect(again.code).to.equal(27);
    expect(again.stdout).to.include('There is nothing to claim').and.to.include(`up to round ${rounds} is paid`);
  });

  it('that favour a friend are refuted, and stated again as they must be', async () => {
    await fund('1000');
    const watchtower = run.start('watchtower', 5);
    const [evaluator] = await startEvaluators();
    const adversary = run.start('adversary', cheat, '--attack', 'favour', '--attack-round', '1');
    await adversary.event('joined');
    const aggregator = run.start('aggregator', honest);
    await aggregator.event('joined');
    run.start('trainer', 1);
    run.start('trainer', 2);
    const { round, did } = await adversary.event('cheated');
    expect(did).to.include('a score of');
    const refuted = await watchtower.event('rewardsRefuted');
    expect(refuted).to.include({ round, proposer: addressOf(cheat) });
    const challenged = await watchtower.event('challenged');
    expect(challenged).to.include({ proof: 'refuteScore', offender: addressOf(cheat) });
    expect(BigInt(challenged.takenWei)).to.equal(1000n * 10n ** 18n);

    const verified = await watchtower.event('rewardsVerified', (event) => event.round === round);
    expect(verified.proposer).to.equal(addressOf(honest));
    expect(await Promise.all([aggregator, watchtower, evaluator!].map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    const { state } = await rewardsNow();
    expect(state.finalRound).to.equal(rounds);
  });

  it('go on when the pool runs dry, and say so', async () => {
    const fundedGwei = 150n * weiPerGwei;
    await fund('150');
    const watchtower = run.start('watchtower', 5);
    await startEvaluators();
    const aggregator = run.start('aggregator', honest);
    const roles = [aggregator, watchtower, run.start('trainer', 1), run.start('trainer', 2)];
    expect(await Promise.all(roles.map(({ ended }) => ended))).to.deep.equal([0, 0, 0, 0]);
    expect(watchtower.events.filter(({ event }) => event === 'rewardsVerified')).to.have.length(rounds);

    const { state } = await rewardsNow();
    expect(state.finalRound).to.equal(rounds);
    const stated = Array.from({ length: rounds }, (_, index) => state.statements.get(index + 1)!);
    let leftGwei = fundedGwei;
    for (const { statement, facts } of stated) {
      const paidGwei = leftGwei < rewardGwei ? leftGwei : rewardGwei;
      expect(statement.paidGwei).to.equal(paidGwei);
      expect(facts.feeGwei).to.equal(paidGwei / 10n);
      leftGwei -= facts.trainerPotGwei + facts.evaluatorPotGwei + facts.feeGwei;
    }
    const dry = stated.filter(({ statement }) => statement.paidGwei < rewardGwei).map(({ round }) => round);
    expect(dry).to.include.members([2, 3]);
    const said = aggregator.events.filter((event) => event.event === 'poolRanDry');
    expect(said.map(({ round }) => round)).to.deep.equal(dry);
    for (const { round, wantedGwei, paidGwei } of said) {
      expect(BigInt(wantedGwei)).to.equal(rewardGwei);
      expect(BigInt(paidGwei)).to.equal(stated[round - 1]!.statement.paidGwei);
    }
    expect((await read('rewards')).stdout).to.include('the pool ran dry');
  });
});
