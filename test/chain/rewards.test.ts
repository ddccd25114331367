import { expect } from 'chai';
import { getBytes, type Result, toBeHex, ZeroHash } from 'ethers';
import { type FederationClient, transact } from '../../client/chain/federation.ts';
import { allocatedGwei, applyRewardEventInPlace, emptyRewardsState } from '../../client/chain/rewardState.ts';
import { openRewards, type RewardsClient } from '../../client/chain/rewards.ts';
import { createSender } from '../../client/chain/sender.ts';
import { createStatementReader } from '../../client/chain/statedRewards.ts';
import { contractInterface, type EventName } from '../../client/contracts/contracts.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import { standing } from '../../client/participant/rewards/ledger.ts';
import { createUnreadableWarning } from '../../client/participant/rewards/unreadable.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation } from './federation.ts';

const [first, second, payee] = [1, 2, 9].map((index) => developmentWallet(index).address) as [string, string, string];

describe('following scores and rewards', () => {
  let anvil: Anvil;
  let federation: FederationClient;
  let rewards: RewardsClient;

  beforeEach(async () => {
    anvil = await startAnvil();
    const deployed = await deploySmallFederation(anvil.provider, 2);
    federation = deployed.federation;
    const deployment = readDeployment(deployed.file);
    rewards = openRewards(anvil.provider, deployment, deployment.deployBlock);
  });
  afterEach(() => anvil.stop());

  async function enrol(account: number) {
    const sender = createSender(developmentWallet(account), anvil.provider);
    const { federation: to, stake, token } = federation.addresses;
    const { trainerStakeWei } = federation.parameters();
    await transact(sender, 'approving', token, 'TributaryToken', 'approve', [stake, trainerStakeWei]);
    await transact(sender, 'depositing', stake, 'Stake', 'deposit', [to, trainerStakeWei]);
    return transact(sender, 'enrolling', federation.addresses.rewards, 'Rewards', 'enrol', [payee]);
  }

  it('finds contracts that name each other, and windows that fit into the challenge window', async () => {
    const { contract } = rewards;
    expect(await contract.federation()).to.equal(federation.addresses.federation);
    expect(await contract.stake()).to.equal(federation.addresses.stake);
    expect(await contract.rewardChallenges()).to.equal(federation.addresses.challenges.RewardChallenges);
    const { contracts, addresses } = federation;
    expect(await contracts.federation.isChallengeContract(addresses.rewards)).to.equal(false);
    expect(await contracts.federation.isChallengeContract(addresses.challenges.RewardChallenges)).to.equal(false);
    await rewards.sync();
    const { scoringSeconds, revealSeconds, publishSeconds } = rewards.parametersOf();
    expect([scoringSeconds, revealSeconds, publishSeconds]).to.deep.equal([1440, 720, 720]);
  });

  it('numbers accounts from 0, and forgets those that a reorganisation takes back', async () => {
    await enrol(1);
    await enrol(2);
    await rewards.sync();
    expect(rewards.state.accounts.get(first)).to.deep.include({ place: 0, payee });
    expect(rewards.state.accounts.get(second)).to.deep.include({ place: 1, payee });
    await anvil.provider.send('anvil_reorg', [1, []]);
    await rewards.sync();
    expect([...rewards.state.accounts.keys()]).to.deep.equal([first]);
  });
});

describe('the scores that events tell of', () => {
  const root = (seed: number) => toBeHex(seed, 32);
  const by = (evaluator: string) => (3n << 160n) | BigInt(evaluator);
  const state = emptyRewardsState();
  const apply = (name: EventName<'Rewards'>, args: object) =>
    applyRewardEventInPlace(state, { id: '', name, args: args as never, blockNumber: 1, transactionHash: '0x' });
  const open = (proposedAt: number) =>
    apply('ScoringOpened', { round: 3, proposedAt, evaluatorCount: 2, accountCount: 5, modelRoot: root(proposedAt) });

  it('of a proposal that was voided count for nothing, even where they are revealed later', () => {
    open(100);
    apply('ScoresCommitted', { roundAndEvaluator: by(first) });
    apply('ScoresCommitted', { roundAndEvaluator: by(second) });
    apply('ScoresRevealed', { roundAndEvaluator: by(first), scoresRoot: root(7) });
    expect(state.revealed.get(3)?.get(first)).to.deep.equal(getBytes(root(7)));

    open(200);
    apply('ScoresRevealed', { roundAndEvaluator: by(second), scoresRoot: root(8) });
    expect(state.revealed.get(3)?.size ?? 0).to.equal(0);
    expect(state.scorings.get(3)).to.include({ proposedAt: 200, accountCount: 5 });
  });

  it('that are demanded stay demanded until they are published', () => {
    apply('ScoresCommitted', { roundAndEvaluator: by(first) });
    apply('ScoresRevealed', { roundAndEvaluator: by(first), scoresRoot: root(9) });
    apply('ScoresDemanded', { round: 3, evaluator: first, demander: second });
    expect([...state.demanded.get(3)!]).to.deep.equal([first]);
    apply('ScoresPublished', { round: 3, evaluator: first, salt: root(4), scores: '0xfffe0007' });
    expect(state.demanded.get(3)!.size).to.equal(0);
    expect([...state.published.get(3)!.get(first)!.scores]).to.deep.equal([-2, 7]);
  });
});

describe('a reward statement that cannot be decoded', () => {
  const abi = contractInterface('Rewards');
  const facts = (round: number, number = round) => [
    [number, round, round - 1, 0, first, 100, 500, 0, ZeroHash, 0, 0, 0, 0, 0, 0, 0, 0],
    500,
  ];
  const noStatement = (round: number, entries = '0x') => [round, 0, ZeroHash, 0, 0, '0x', entries, []];
  const eventOf = (name: EventName<'Rewards'>, values: readonly unknown[], transactionHash: string) => {
    const fragment = abi.getEvent(name)!;
    const { data, topics } = abi.encodeEventLog(fragment, values);
    const args: Result = abi.decodeEventLog(fragment, data, topics);
    return { id: '', name, args, blockNumber: 1, transactionHash };
  };
  const proposed = (round: number) => eventOf('RewardsProposed', [round, first, ...facts(round)], `0x${round}`);
  const proposal = [1, 0, 2, 2, 0, 0, ...Array(7).fill(ZeroHash), ZeroHash];
  /** By transaction: what it holds. */
  const calldata: Record<string, string> = {
    '0x1': abi.encodeFunctionData('proposeRewards', [proposal, noStatement(1)]),
    '0x2': '0x12345678',
    '0x3': abi.encodeFunctionData('proposeRewards', [proposal, noStatement(3)]),
  };
  const provider = { getTransaction: async (hash: string) => ({ data: calldata[hash]!, value: 0n }) as never };

  it('is passed over with those that stand on it, which is said once, until it is voided', async () => {
    const state = emptyRewardsState();
    const read = createStatementReader(provider);
    for (const event of [1, 2, 3].map(proposed)) applyRewardEventInPlace(state, event, await read(event));
    expect(standing(state).map(({ round }) => round)).to.deep.equal([1]);
    expect([...state.unreadable.keys()]).to.deep.equal([2]);

    const said: NodeEvent[] = [];
    const warn = createUnreadableWarning({
      rewards: { state } as never,
      ledger: { follows: () => true },
      report: (event) => said.push(event),
    });
    expect([warn(), warn()]).to.deep.equal(['unreadable', 'unreadable']);
    expect(said).to.deep.equal([{ event: 'rewardsUnreadable', round: 2 }]);

    applyRewardEventInPlace(state, eventOf('RewardsVoided', [2, first, second], '0x4'));
    expect(warn()).to.equal(undefined);
    expect([...state.voided.keys()].sort()).to.deep.equal([2, 3]);
    applyRewardEventInPlace(state, proposed(2), { ...state.statements.get(1)!.statement, round: 2 });
    expect(standing(state).map(({ round }) => round)).to.deep.equal([1, 2]);
  });

  it('is undone with those that follow it by a vote, which says what the pool covers', async () => {
    const state = emptyRewardsState();
    const stated = (round: number) => ({ ...statement, round });
    const statement = (await createStatementReader(provider)(proposed(1)))!;
    const apply = (name: EventName<'Rewards'>, ...values: unknown[]) =>
      applyRewardEventInPlace(state, eventOf(name, values, '0x4'));
    for (const round of [1, 2]) {
      applyRewardEventInPlace(state, proposed(round), stated(round));
      apply('RewardsFinalized', round, ZeroHash);
    }
    applyRewardEventInPlace(state, proposed(3), stated(3));
    apply('PoolFunded', first, 50);
    apply('BalancesRestored', 1, ZeroHash, 7);
    expect([...state.voided.keys()]).to.deep.equal([3]);
    for (const round of [3, 4]) applyRewardEventInPlace(state, proposed(round), stated(round));
    const bases = [...state.statements.values()].map(({ round, standsOn }) => [round, standsOn]);
    expect(bases).to.deep.equal([
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 3],
    ]);
    expect(allocatedGwei(state)).to.equal(7n);
    apply('PoolReleased', first, 43);
    expect(state.fundedGwei).to.equal(7n);
  });

  it('stops nobody when it is made final', async () => {
    const state = emptyRewardsState();
    applyRewardEventInPlace(state, proposed(2), await createStatementReader(provider)(proposed(2)));
    applyRewardEventInPlace(state, eventOf('RewardsFinalized', [2, ZeroHash], '0x4'));
    expect([state.finalRound, state.statements.size]).to.deep.equal([2, 0]);
  });

  it('may also be one that a contract shows in an event, with entries that are cut off', async () => {
    const read = createStatementReader(provider);
    const shown = eventOf('StatementShown', [2, noStatement(2, '0x00')], '0x2');
    expect(await read(shown)).to.equal(undefined);
    expect(await read(proposed(2))).to.equal(undefined);
  });
});
