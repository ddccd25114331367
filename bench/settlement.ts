/**
 * What a round of 1,000 trainers and 50 evaluators costs on chain, from receipts: `node bench/settlement.ts [trainers] [evaluators]`. In
 * steady state: every ring has gone round once, so that no slot is filled for the first time. Compile first (`hardhat build`).
 */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import type { ContractTransactionResponse } from 'ethers';
import { id, Wallet } from 'ethers';
import { fromHex, toHex } from '../client/core/hash.ts';
import { createRandom } from '../client/core/random.ts';
import { type Balances, buildBalancesTree, proveBalance } from '../client/core/rewards/balances.ts';
import type { EvaluatorReveal, ScoredTrainer } from '../client/core/rewards/roundScores.ts';
import { commitScores, scoresRoot, timeCommitment } from '../client/core/rewards/scores.ts';
import { settleRound } from '../client/core/rewards/settle.ts';
import { aggregatorBondWei, bond, deploy, rewardParameters } from '../test/contracts/deployment.ts';
import { statementArgument } from '../test/contracts/rewards/settledRound.ts';
import { proposalFor, proposeAs, submission, turnHolderOf } from '../test/contracts/round.ts';

const trainerCount = Number(process.argv[2] ?? 1000);
const evaluatorCount = Number(process.argv[3] ?? 50);
/** Rounds until every slot of an evaluator has been used. */
const ring = 64;
const stakeWei = 10n ** 20n;
const weiPerToken = 10n ** 18n;

const random = createRandom('settlement');
const deployment = await deploy({
  task: { ringSize: 8, startTrainers: 2 },
  parameters: {
    trainerStakeWei: stakeWei,
    maxSquaredNorm: 2n ** 50n,
    maxWeight: 65_535,
    submissionSeconds: 100_000,
    reputationFloorBasisPoints: 5_000,
  },
  rewards: { committeeSize: 128 },
});
const { ethers, networkHelpers, federation, rewards, stake, token, accounts, time } = deployment;
const { chainId } = await ethers.provider.getNetwork();
const rewardsAddress = await rewards.getAddress();

async function gasOf(response: Promise<ContractTransactionResponse>): Promise<number> {
  return Number((await (await response).wait())!.gasUsed);
}

async function createAccounts(kind: string, count: number): Promise<HardhatEthersSigner[]> {
  const addresses = Array.from({ length: count }, (_, index) => ethers.getAddress(id(`${kind} ${index}`).slice(0, 42)));
  for (const address of addresses) await networkHelpers.setBalance(address, 10n ** 20n);
  return await Promise.all(addresses.map((address) => ethers.getImpersonatedSigner(address)));
}

/** With keys of their own: they attest. */
async function createSigners(kind: string, count: number): Promise<Wallet[]> {
  const signers = Array.from({ length: count }, (_, index) => new Wallet(id(`${kind} ${index}`), ethers.provider));
  for (const { address } of signers) await networkHelpers.setBalance(address, 10n ** 20n);
  return signers;
}

type Account = HardhatEthersSigner | Wallet;

async function stakeAt(place: string, account: Account): Promise<void> {
  await token.transfer(account.address, stakeWei);
  await token.connect(account).approve(stake, stakeWei);
  await stake.connect(account).deposit(place, stakeWei);
}

const aggregators = accounts.slice(1, 3);
for (const aggregator of aggregators) {
  await bond(deployment, aggregator, aggregatorBondWei);
  await federation.connect(aggregator).joinAsAggregator();
  await rewards.connect(aggregator).enrol(aggregator.address);
}
const trainers = await createAccounts('trainer', trainerCount);
const evaluators = (await createSigners('evaluator', evaluatorCount)).sort((a, b) =>
  a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1,
);
const electors = [...aggregators, ...evaluators];
for (const evaluator of evaluators) {
  await stakeAt(rewardsAddress, evaluator);
  await rewards.connect(evaluator).enrol(evaluator.address);
  await rewards.connect(evaluator).joinAsEvaluator();
}
await token.approve(rewards, 10n ** 26n);
await rewards.fund(10n ** 26n);

const places = new Map<string, number>();
async function join(trainer: HardhatEthersSigner): Promise<void> {
  await stakeAt(await federation.getAddress(), trainer);
  await rewards.connect(trainer).enrol(trainer.address);
  await federation.connect(trainer).joinAsTrainer();
}
const founders = trainers.slice(0, 2);
for (const trainer of founders) await join(trainer);
for (const account of [...aggregators, ...evaluators, ...founders]) await notePlace(account.address);
async function notePlace(account: string): Promise<void> {
  places.set(account, Number((await rewards.accountOf(account)).number) - 1);
}

interface Played {
  round: number;
  members: readonly HardhatEthersSigner[];
  proposal: Awaited<ReturnType<typeof proposalFor>>;
  proposedAt: number;
  proposer: HardhatEthersSigner;
  scores: Int16Array[];
}

const salt = fromHex(id('salt'));
const played: Played[] = [];
let balances: Balances = [];

/** By whose turn it is, as attested by evaluators and aggregators. */
async function proposeRound(inputCount: number) {
  const proposal = await proposalFor(federation, inputCount);
  const response = await proposeAs(federation, await turnHolderOf(federation, aggregators), proposal, electors);
  return { proposal, response };
}

/** Submissions, proposal, and the evaluators' one transaction; answers the gas of each. */
async function playRound(members: readonly HardhatEthersSigner[]): Promise<Record<string, number[]>> {
  const gas: Record<string, number[]> = { submitUpdate: [], evaluator: [] };
  const { round } = await federation.clock();
  for (const trainer of members) {
    const update = submission(trainer.address, round, 2n ** 50n - 12_345n, 60_000);
    gas.submitUpdate!.push(await gasOf(federation.connect(trainer).submitUpdate(...update)));
  }
  const previous = played.at(-1);
  if (previous !== undefined) await time.increaseTo(previous.proposedAt + rewardParameters.scoringSeconds);
  const { proposal, response } = await proposeRound(members.length);
  gas.proposeAggregate = [await gasOf(Promise.resolve(response))];
  const record = await federation.proposalOf(round);
  const scores = evaluators.map(() => Int16Array.from(members, () => random.below(20_000) - 2_000));
  for (const [index, evaluator] of evaluators.entries()) {
    const root = scoresRoot(salt, scores[index]!);
    const context = { chainId, rewards: rewardsAddress, round: Number(round), evaluator: evaluator.address };
    const commitment = toHex(timeCommitment(commitScores(context, root), Number(record.proposedAt)));
    const by = rewards.connect(evaluator);
    const sent =
      previous === undefined
        ? by.commitScores(round, commitment)
        : by.revealAndCommit(previous.round, toHex(scoresRoot(salt, previous.scores[index]!)), round, commitment);
    gas.evaluator!.push(await gasOf(sent));
  }
  played.push({
    round: Number(round),
    members,
    proposal,
    proposedAt: Number(record.proposedAt),
    proposer: aggregators.find(({ address }) => address === record.proposer)!,
    scores,
  });
  return gas;
}

/** Finality of the round, its statement, and the statement's finality. */
async function settlePlayed({ round, members, proposal, proposedAt, proposer, scores }: Played) {
  const now = await time.latest();
  if (now < proposedAt + 500) await time.increaseTo(proposedAt + 500);
  const gas: Record<string, number[]> = { finalizeRound: [await gasOf(federation.finalizeRound(round))] };
  const tokensAt = async (at: string, account: string) =>
    (await stake.bondedWeiAt(at, account, proposedAt)) / weiPerToken;
  const federationAddress = await federation.getAddress();
  const entries: ScoredTrainer[] = [];
  for (const [inputIndex, { address }] of members.entries()) {
    const stakeTokens = await tokensAt(federationAddress, address);
    entries.push({ place: places.get(address)!, inputIndex, trainer: address, stakeTokens });
  }
  const reveals: EvaluatorReveal[] = [];
  for (const [index, { address }] of evaluators.entries()) {
    const stakeTokens = await tokensAt(rewardsAddress, address);
    const of = scores[index]!;
    reveals.push({
      evaluator: address,
      place: places.get(address)!,
      scoresRoot: scoresRoot(salt, of),
      salt,
      stakeTokens,
      scores: of,
    });
  }
  const settlement = settleRound({
    round,
    trainers: entries,
    evaluators: reveals,
    terms: { ...rewardParameters, availableGwei: rewardParameters.rewardGwei },
    aggregatorPlace: places.get(proposer.address)!,
    accounts: Number(await rewards.accountCount()),
    previous: balances,
  });
  balances = settlement.balances;
  const statement = statementArgument(settlement.statement);
  gas.proposeRewards = [await gasOf(rewards.connect(proposer).proposeRewards(proposal, statement))];
  stated.push({ round, closesAt: (await time.latest()) + 500 });
  return gas;
}

/** Rounds whose statement is not final. */
const stated: { round: number; closesAt: number }[] = [];

async function finalizeDue(): Promise<number[]> {
  const gas: number[] = [];
  while (stated.length > 0 && stated[0]!.closesAt <= (await time.latest())) {
    gas.push(await gasOf(rewards.finalizeRewards(stated.shift()!.round)));
  }
  return gas;
}

let settled = 0;
while (played.length < ring) {
  await playRound(founders);
  // some rounds stay in flight, as in a federation that does not wait
  if (played.length - settled > 4) await settlePlayed(played[settled++]!);
  await finalizeDue();
}
for (const trainer of trainers.slice(2)) {
  await join(trainer);
  await notePlace(trainer.address);
}
// the open round waits for those that were there when it opened: the next one is full
await playRound(founders);
const full = await playRound(trainers);
await playRound(trainers);
await time.increaseTo(played.at(-1)!.proposedAt + rewardParameters.scoringSeconds);
for (const [index, evaluator] of evaluators.entries()) {
  const { round, scores } = played.at(-1)!;
  await rewards.connect(evaluator).revealScores(round, toHex(scoresRoot(salt, scores[index]!)));
}

while (settled < played.length - 1) Object.assign(full, await settlePlayed(played[settled++]!));
await time.increase(500);
full.finalizeRewards = (await finalizeDue()).slice(-1);
const firstClaim = await claim();
await settlePlayed(played[settled++]!);
await time.increase(500);
await finalizeDue();
const laterClaim = await claim();

/** By a trainer that has a positive balance after both rounds, to a payee that had no tokens before the first. */
async function claim(): Promise<number> {
  const { address } = trainers[5]!;
  const place = places.get(address)!;
  const { cumulativeGwei, reputation } = balances[place]!;
  const path = proveBalance(buildBalancesTree(balances), place).map(toHex);
  return await gasOf(rewards.connect(trainers[5]!).claim(address, cumulativeGwei, reputation, path));
}

const total = Object.values(full)
  .flat()
  .reduce((sum, gas) => sum + gas, 0);
const figures: [name: string, gas: number, limit: number][] = [
  ...Object.entries(full).map(([name, gas]): [string, number, number] => [
    `${gas.length} × ${name}, at most`,
    Math.max(...gas),
    2 ** 24,
  ]),
  ['claim, the first time', firstClaim, 83_000],
  ['claim, later', laterClaim, 66_000],
  [
    `a round of ${trainerCount} trainers and ${evaluatorCount} evaluators, each trainer`,
    Math.round(total / trainerCount),
    35_500,
  ],
];
for (const [name, gas, limit] of figures) {
  const verdict = gas <= limit ? '' : `  above its limit of ${limit.toLocaleString('en')}`;
  console.log(`${gas.toLocaleString('en').padStart(9)}  ${name}${verdict}`);
}
if (figures.some(([, gas, limit]) => gas > limit)) process.exitCode = 1;
