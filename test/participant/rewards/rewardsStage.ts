/** Statements of rewards on a chain made up for tests, as a node sees them. */
import { hexlify, toBeHex, ZeroAddress } from 'ethers';
import type { ChainEvent } from '../../../client/chain/events.ts';
import { applyRewardEventInPlace, emptyRewardsState, type RewardsState } from '../../../client/chain/rewardState.ts';
import { emptyState, type ProposedRound, type Submission } from '../../../client/chain/rounds.ts';
import { type Hash, keccak256 } from '../../../client/core/hash.ts';
import type { Balances } from '../../../client/core/rewards/balances.ts';
import { scoresRoot } from '../../../client/core/rewards/scores.ts';
import { type Settlement, settleRound } from '../../../client/core/rewards/settle.ts';
import type { NodeEvent } from '../../../client/participant/events.ts';
import type { Participant } from '../../../client/participant/participant.ts';
import { createLedger } from '../../../client/participant/rewards/ledger.ts';

export const me = addressAt(9);
const cheat = addressAt(8);
const evaluator = addressAt(2);
const none = new Uint8Array(32);
const terms = {
  rewardGwei: 1000n,
  aggregatorBasisPoints: 500,
  evaluatorBasisPoints: 1500,
  scoringSeconds: 1,
  revealSeconds: 1,
  publishSeconds: 1,
};
const salt = keccak256(Uint8Array.of(1));

function addressAt(place: number): string {
  return toBeHex(place + 1, 20);
}

/** Trainers at places 0 and 1, an evaluator at 2. */
export interface RewardsStage {
  state: RewardsState;
  node: Participant;
  said: NodeEvent[];
  /** What was sent: the methods' calldata. */
  sent: string[];
  /** Rounds whose scores nobody shows. */
  hidden: Set<number>;
  readScores: (
    round: number,
    evaluator: string,
    root: Hash,
  ) => Promise<
    | {
        evaluator: string;
        salt: Hash;
        scores: Int16Array;
      }
    | undefined
  >;
  /** Has the round stated, in a transaction of its own unless said. */
  stateRound(round: number, how?: How): Settlement;
  finalize(round: number): void;
  /** A vote makes the balances of the round the final ones again. */
  restore(round: number): void;
}

interface How {
  transactionHash?: string;
  change?: (settlement: Settlement) => Settlement['statement'];
  proposer?: string;
}

export function scoresOf(round: number): Int16Array {
  return Int16Array.of(100 * round, 50);
}

/** Of `rounds` rounds, all final, each scored. */
export function stageRewards(rounds: number): RewardsStage {
  const state = emptyRewardsState();
  const federation = emptyState();
  federation.aggregators.add(me);
  for (let place = 0; place < 3; place++)
    state.accounts.set(addressAt(place), { place, payee: addressAt(place), blockNumber: 0 });
  for (let number = 1; number <= rounds; number++) {
    federation.rounds.set(number, proposedRound(number));
    state.scorings.set(number, { proposedAt: number, evaluatorCount: 1, accountCount: 3, modelRoot: none });
    state.revealed.set(number, new Map([[evaluator, scoresRoot(salt, scoresOf(number))]]));
  }
  let nextId = 0;
  const [said, sent, hidden]: [NodeEvent[], string[], Set<number>] = [[], [], new Set()];
  const rewards = {
    state,
    sync: async () => state,
    contract: {
      counts: async () => true,
      // one more than this node has read of
      accountCount: async () => BigInt(state.accounts.size + 1),
      fundedGweiBefore: async () => 1_000_000n,
      pool: async () => ({ allocatedGwei: 0n }),
    },
  };
  const parameters = { turnSeconds: 0, challengeSeconds: 1, submissionSeconds: 100 };
  const node = {
    account: me,
    options: {},
    addresses: { federation: addressAt(21), rewards: addressAt(20) },
    federation: {
      state: federation,
      chainTime: () => 10 ** 9,
      head: () => ({ number: 1, hash: '', timestamp: 10 ** 9 }),
      readTurns: async () => [],
      addresses: { federation: addressAt(21), rewards: addressAt(20) },
      contracts: { stake: { bondedWeiAt: async () => 10n ** 19n } },
    },
    rewards,
    ledger: createLedger({ rewards }),
    task: { ringSize: 1000 },
    parameters: () => parameters,
    rewardParametersOf: () => terms,
    report: (event: NodeEvent) => said.push(event),
    sender: {
      async send(_: string, { data }: { data: string }) {
        sent.push(data);
        return { gasUsed: 1n };
      },
    },
    signal: new AbortController().signal,
  } as unknown as Participant;

  /** The round whose balances a statement of `round` stands on. */
  function baseOf(round: number): number {
    const stated = [...state.statements.keys(), ...state.unreadable.keys()];
    const inFlight = stated.filter((one) => one < round && one > state.finalRound);
    return inFlight.length === 0 ? state.balancesOf : Math.max(...inFlight);
  }

  return {
    state,
    node,
    said,
    sent,
    hidden,
    async readScores(round) {
      return hidden.has(round) ? undefined : { evaluator, salt, scores: scoresOf(round) };
    },
    stateRound(
      round,
      {
        transactionHash = toBeHex(round, 32),
        change = (settlement: Settlement) => settlement.statement,
        proposer = cheat,
      } = {},
    ) {
      const standsOn = baseOf(round);
      const previousBalances = state.statements.has(standsOn) ? node.ledger.at(standsOn).balances : [];
      const settlement = settled(round, previousBalances);
      const { contribution, spread, agreement, trainerPotGwei, evaluatorPotGwei, feeGwei } = settlement;
      const previous = { previousRound: round - 1, previousAccounts: 0 };
      const number = round;
      const seen = { aggregator: ZeroAddress, proposedAt: round, challengeSeconds: 1, inputCount: 2, inputsRoot: none };
      const totals = { contribution, spread, agreement, trainerPotGwei, evaluatorPotGwei, feeGwei };
      state.statements.set(round, {
        id: `${transactionHash}/${nextId++}`,
        round,
        standsOn,
        proposer,
        facts: { number, round, ...previous, ...seen, scoredAccounts: 3, accounts: 3, ...totals },
        statement: change(settlement),
        closesAt: 2 * 10 ** 9,
        blockNumber: 1,
        transactionHash,
        final: false,
      });
      return settlement;
    },
    finalize(round) {
      state.statements.get(round)!.final = true;
      Object.assign(state, { finalRound: round, balancesOf: round });
    },
    restore(round) {
      const args = { round, coverGwei: 0n } as unknown as ChainEvent['args'];
      applyRewardEventInPlace(state, { name: 'BalancesRestored', args } as ChainEvent<'Rewards'>);
    },
  };
}

function settled(round: number, previous: Balances): Settlement {
  const scores = scoresOf(round);
  return settleRound({
    round,
    trainers: [0, 1].map((place) => ({ place, inputIndex: place, trainer: addressAt(place), stakeTokens: 10n })),
    evaluators: [{ evaluator, place: 2, salt, scoresRoot: scoresRoot(salt, scores), stakeTokens: 10n, scores }],
    terms: { ...terms, availableGwei: 1000n },
    aggregatorPlace: undefined,
    accounts: 3,
    previous,
  });
}

function proposedRound(number: number): ProposedRound {
  const trainers = [0, 1].map(addressAt);
  const hashes = { baseModelRoot: none, modelRoot: none, modelCid: none, inputsCid: none, inputsRoot: none };
  const submissions = new Map(trainers.map((trainer) => [trainer, { trainer, weight: 1 } as Submission]));
  return {
    number,
    baseRound: number - 1,
    edition: 0,
    earlierEditions: [],
    expectedTrainers: 2,
    openedBlock: 1,
    submissionDeadline: 0,
    unserved: new Set<string>(),
    submissions,
    final: true,
    skipped: false,
    voided: false,
    proposed: {
      id: `${hexlify(keccak256(Uint8Array.of(number)))}/${number}`,
      proposer: ZeroAddress,
      proposal: {
        ...{ round: number, baseRound: number - 1, inputCount: 2, totalWeight: 2, rule: 0, trimBasisPoints: 0 },
        ...{ ...hashes, columnsRoot: none, omittedHash: none, reputations: none },
      },
      omitted: [],
      included: trainers,
      closesAt: 0,
      proposedAt: number,
      nextReputations: none,
      blockNumber: 1,
    },
  };
}
