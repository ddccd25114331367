/**
 * Gas of every transaction of a round, from receipts: `node bench/gas.ts` writes bench/gas.json, `--check` compares with it
 * and with the limits below, and exits 1 where a figure differs. Compile first (`hardhat build`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ContractTransactionResponse } from 'ethers';
import { toHex } from '../client/core/hash.ts';
import { omittedHash } from '../client/core/inputs.ts';
import {
  aggregatorBondWei,
  bond,
  type Deployment,
  deploy,
  parameters,
  trainerStakeWei,
} from '../test/contracts/deployment.ts';
import { joinAsEvaluator } from '../test/contracts/rewards/settledRound.ts';
import { proposalFor, propose, proposeAs, submission, submit, turnHolderOf } from '../test/contracts/round.ts';
import { measureChallenges } from './challenges.ts';
import { measureClaim } from './claim.ts';
import { measureGovernance } from './governance.ts';
import { measureOpenings } from './openings.ts';

const file = new URL('gas.json', import.meta.url);

/** Most gas that a transaction may use. */
const limits: Record<string, number> = {
  'submitUpdate.first': 50_000,
  'submitUpdate.steady': 32_000,
  'proposeAggregate.steady': 190_000,
  demandUpdate: 150_000,
  openUpdateChunk: 150_000,
  finalizeRound: 120_000,
  ...Object.fromEntries([10, 100, 1_000, 10_000].map((updates) => [`challenge.mean.${updates}`, 250_000])),
  'challenge.mean.10000.fullRing': 251_000,
  'governance.vote.first': 90_000,
  'governance.vote': 90_000,
  'governance.vote.late': 90_000,
  'governance.vote.reachesQuorumLate': 90_000,
  'governance.vote.afterLateQuorum': 90_000,
  ...Object.fromEntries([100, 10_000].map((updates) => [`challenge.median.${updates}`, 600_000])),
  ...Object.fromEntries([100, 10_000].map((updates) => [`challenge.trimmedMean.${updates}`, 600_000])),
};

const trainerCount = 5;
/** Three of the five make a quorum. */
const [aggregatorCount, evaluatorCount] = [3, 2];
const ring = 8;

async function gasOf(transaction: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = await (await transaction).wait();
  return Number(receipt!.gasUsed);
}

async function deploymentGas(deployment: Deployment, contract: Deployment['token' | 'stake' | 'federation']) {
  const receipt = await deployment.ethers.provider.getTransactionReceipt(contract.deploymentTransaction()!.hash);
  return Number(receipt!.gasUsed);
}

/** Rounds until every ring slot has been used, and one more. */
async function measure(): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  const deployment = await deploy({
    task: { ringSize: ring, startTrainers: trainerCount },
    parameters: { maxSquaredNorm: 2n ** 50n, maxWeight: 65_535 },
  });
  const { federation, stake, token, accounts, time } = deployment;
  gas['deploy.token'] = await deploymentGas(deployment, token);
  gas['deploy.stake'] = await deploymentGas(deployment, stake);
  gas['deploy.federation'] = await deploymentGas(deployment, federation);

  const trainers = accounts.slice(1, 1 + trainerCount);
  const aggregators = accounts.slice(10, 10 + aggregatorCount);
  const evaluators = accounts.slice(15, 15 + evaluatorCount);
  const electors = [...evaluators, ...aggregators];
  for (const evaluator of evaluators) await joinAsEvaluator(deployment, evaluator);
  for (const account of aggregators) {
    await bond(deployment, account, aggregatorBondWei);
    gas.joinAsAggregator = await gasOf(federation.connect(account).joinAsAggregator());
  }
  for (const account of trainers) {
    await token.transfer(account.address, trainerStakeWei);
    await token.connect(account).approve(stake, trainerStakeWei);
    gas.deposit = await gasOf(stake.connect(account).deposit(federation, trainerStakeWei));
    const joined = await gasOf(federation.connect(account).joinAsTrainer());
    if (account !== trainers.at(-1)) gas.joinAsTrainer = joined;
    else gas['joinAsTrainer.opensFirstRound'] = joined;
  }

  const largest = (name: string, figure: number) => {
    gas[name] = Math.max(gas[name] ?? 0, figure);
  };
  for (let round = 1; round <= 2 * ring + 1; round++) {
    const stage = round <= ring ? 'first' : 'steady';
    for (const trainer of trainers) {
      const update = submission(trainer.address, round, 2n ** 50n - 12_345n, 60_000);
      largest(`submitUpdate.${stage}`, await gasOf(federation.connect(trainer).submitUpdate(...update)));
    }
    const proposal = await proposalFor(federation, trainerCount);
    const holder = await federation.turnHolder();
    const other = aggregators.find(({ address }) => address !== holder)!;
    largest(`claimTurn.${stage}`, await gasOf(federation.connect(other).claimTurn(round, proposal.modelRoot)));
    const { response } = await propose(federation, electors, trainerCount);
    largest(`proposeAggregate.${stage}`, await gasOf(Promise.resolve(response)));
    await time.increase(500);
    largest('finalizeRound', await gasOf(federation.finalizeRound(round)));
  }
  // a full ring: the finalisation opens the next round too
  for (let round = 2 * ring + 2; (await federation.clock()).round !== 0n; round++) {
    for (const trainer of trainers)
      await federation.connect(trainer).submitUpdate(...submission(trainer.address, round));
    const { response } = await propose(federation, electors, trainerCount);
    largest('proposeAggregate.steady', await gasOf(Promise.resolve(response)));
  }
  await time.increase(500);
  largest('finalizeRound', await gasOf(federation.finalizeRound((await federation.finalRound()) + 1n)));
  gas.proposeAggregate = Math.max(gas['proposeAggregate.first']!, gas['proposeAggregate.steady']!);

  await time.increase(5000);
  gas.skipRound = await gasOf(federation.skipRound((await federation.clock()).round));
  gas.leaveAsTrainer = await gasOf(federation.connect(trainers[0]!).leaveAsTrainer());
  gas.leaveAsAggregator = await gasOf(federation.connect(aggregators[0]!).leaveAsAggregator());
  gas.requestUnbond = await gasOf(stake.connect(trainers[0]!).requestUnbond(federation, trainerStakeWei));
  await time.increase(5000);
  gas.withdraw = await settleAndWithdraw(deployment, trainers[0]!);
  return { ...gas, ...(await measureReports(deployment, trainers.slice(1), electors)) };
}

/** What it takes to stop waiting for somebody. */
async function measureReports(
  { federation, time }: Deployment,
  trainers: Deployment['accounts'],
  electors: Deployment['accounts'],
): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  const [unserved] = trainers as [Deployment['accounts'][0]];
  const skip = async () => {
    await time.increase(5000);
    await federation.skipRound((await federation.clock()).round);
  };
  await skip();
  await submit(federation, ...trainers);
  await time.increase(parameters.submissionSeconds);
  const omitted = [unserved.address];
  const plain = await proposalFor(federation, trainers.length - 1);
  const proposal = { ...plain, omittedHash: toHex(omittedHash(omitted)) };
  await proposeAs(federation, await turnHolderOf(federation, electors), proposal, electors, omitted);
  await time.increase(parameters.challengeSeconds);
  await federation.finalizeRound(proposal.round);
  gas.reportUnserved = await gasOf(federation.reportUnserved(proposal, omitted, unserved.address));
  await skip();
  gas.reportAbsence = await gasOf(federation.reportAbsence(unserved.address));
  const [idle] = await federation.aggregators();
  while ((await federation.missedTurns(idle!)) < 3n) await skip();
  gas.reportIdle = await gasOf(federation.reportIdle(idle!));
  return gas;
}

/** Finalises what locks the stake, and withdraws it. */
async function settleAndWithdraw({ federation, stake }: Deployment, account: Deployment['accounts'][number]) {
  const vouched = await federation.vouchedRound(account.address);
  for (let round = (await federation.finalRound()) + 1n; round <= vouched; round++)
    await federation.finalizeRound(round);
  return await gasOf(stake.connect(account).withdraw(federation));
}

/** A byte of calldata that is zero costs 12 gas less: the moments of a demand have such bytes at times. */
const ofTimestamps = 48;

function faults(measured: Record<string, number>, committed: Record<string, number>): string[] {
  const names = new Set([...Object.keys(measured), ...Object.keys(committed)]);
  return [
    ...Object.entries(limits)
      .filter(([name, limit]) => !(measured[name]! <= limit))
      .map(([name, limit]) => `${name} uses ${measured[name]} gas: its limit is ${limit}.`),
    ...[...names]
      .filter((name) => !(Math.abs(measured[name]! - committed[name]!) <= ofTimestamps))
      .map(
        (name) =>
          `${name} uses ${measured[name]} gas, and bench/gas.json says ${committed[name]}: where this is meant, run \`node bench/gas.ts\` and commit the file.`,
      ),
  ];
}

const measured = {
  ...(await measure()),
  ...(await measureOpenings()),
  ...(await measureClaim()),
  ...(await measureChallenges()),
  ...(await measureGovernance()),
};
const check = process.argv.includes('--check');
if (!check) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
const found = faults(measured, JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>);
for (const fault of found) console.error(fault);
if (found.length > 0) process.exitCode = 1;
else
  console.log(
    `${Object.keys(measured).length} gas figures ${check ? 'as committed' : 'written to bench/gas.json'}, all within their limits.`,
  );
