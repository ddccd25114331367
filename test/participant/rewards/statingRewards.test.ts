/** What aggregators and watchtowers make of others' statements of rewards before they are final. */
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { createRewarding } from '../../../client/aggregator/rewards.ts';
import { contractInterface } from '../../../client/contracts/contracts.ts';
import { keccak256, toHex } from '../../../client/core/hash.ts';
import type { Settlement } from '../../../client/core/rewards/settle.ts';
import { readUnstated } from '../../../client/participant/rewards/rewardInputs.ts';
import { createRewardsWatch } from '../../../client/watchtower/rewards.ts';
import { me, type RewardsStage, stageRewards } from './rewardsStage.ts';

const wrongPages = ({ statement }: Settlement) => ({ ...statement, pageRoots: statement.pageRoots.map(keccak256) });
/** Another's scores, and balances that follow from them. */
const wrongScores = ({ statement }: Settlement) => ({ ...statement, middle: statement.middle + 1 });

function roundsStated({ sent }: RewardsStage): number[] {
  const abi = contractInterface('Rewards');
  return sent.map((data) => Number(abi.decodeFunctionData('proposeRewards', data).statement.round));
}

describe('stating rewards', () => {
  for (const [what, change] of Object.entries({ wrongPages, wrongScores })) {
    it(`waits while a statement that it would stand on is wrong (${what}), and goes on when it is void`, async () => {
      const stage = stageRewards(2);
      const step = createRewarding(stage.node, stage.readScores);
      stage.stateRound(1, { change });
      expect(await step()).to.equal(false);
      expect(roundsStated(stage)).to.deep.equal([]);
      stage.state.statements.clear();
      stage.stateRound(1, { transactionHash: '0x99' });
      await step();
      expect(roundsStated(stage)).to.deep.equal([2]);
    });
  }

  it('trusts what it has stated itself', async () => {
    const stage = stageRewards(2);
    stage.stateRound(1, { proposer: me });
    stage.hidden.add(1);
    await createRewarding(stage.node, stage.readScores)();
    expect(roundsStated(stage)).to.deep.equal([2]);
  });

  it('counts the accounts that it knows, so that whoever enrols meanwhile cannot make it wrong', async () => {
    const { node, state } = stageRewards(1);
    const { accounts } = await readUnstated(node, node.federation.state.rounds.get(1) as never);
    expect(accounts).to.equal(state.accounts.size);
  });

  it('counts nobody who enrolled after the proposal, unless a statement below or the scoring does', async () => {
    const { node, state, stateRound } = stageRewards(2);
    const count = async (round: number) =>
      (await readUnstated(node, node.federation.state.rounds.get(round) as never)).accounts;
    state.accounts.set(me, { place: 3, payee: me, blockNumber: 2 });
    expect(await count(1)).to.equal(3);
    state.scorings.get(1)!.accountCount = 4;
    expect(await count(1)).to.equal(4);
    stateRound(1);
    state.statements.get(1)!.facts.accounts = 5;
    expect(await count(2)).to.equal(5);
  });

  it('computes anew what has come to stand on other balances meanwhile', async () => {
    const stage = stageRewards(2);
    const abi = contractInterface('Rewards');
    const step = createRewarding(stage.node, stage.readScores);
    const { balancesRoot } = stage.stateRound(1);
    stage.finalize(1);
    await step();
    stage.restore(0);
    await step();
    const bases = stage.sent.map(
      (data) => abi.decodeFunctionData('proposeRewards', data).statement.previousBalancesRoot,
    );
    expect(bases).to.deep.equal([toHex(balancesRoot), ZeroHash]);
    expect(roundsStated(stage)).to.deep.equal([2, 2]);
  });
});

describe('watching over reward statements', () => {
  async function examine(stage: RewardsStage): Promise<unknown> {
    const inputs = { inputs: [0, 1].map(() => ({})) } as never;
    const watch = createRewardsWatch(stage.node, stage.readScores, async () => inputs);
    // with no chain behind it no challenge arrives
    return await watch.examine().catch((error: unknown) => error);
  }

  it('examines each of several statements that were made in one transaction', async () => {
    const stage = stageRewards(2);
    stage.stateRound(1, { transactionHash: '0x77' });
    stage.stateRound(2, { transactionHash: '0x77', change: wrongPages });
    await examine(stage);
    expect(stage.said.map(({ event }) => event)).to.deep.equal(['rewardsVerified', 'rewardsRefuted']);
  });

  it('examines the statements after one whose scores nobody shows', async () => {
    const stage = stageRewards(3);
    stage.stateRound(1);
    stage.stateRound(2);
    stage.hidden.add(1);
    expect(await examine(stage)).to.include({ code: 'BLOB_UNAVAILABLE', retryable: true });
    expect(stage.said).to.have.length(1);
    expect(stage.said[0]).to.include({ event: 'rewardsVerified', round: 2 });
  });
});
