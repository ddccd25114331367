/** All that is said: an example of every event, and every failure in the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ErrorCode, exitCodes, TributaryError } from '../../client/core/errors.ts';
import { activityOf } from '../../client/localnet/activity.ts';
import { describeEvent } from '../../client/participant/describeEvent.ts';
import type { NodeEvent } from '../../client/participant/events.ts';

const secret = '0123456789abcdef0123456789abcdef';
const url = `https://user:${secret}@node.example/v3/${secret}?key=${secret}`;
const reason = `fetching ${url} failed`;
const account = `0x${'aB'.repeat(20)}`;
const hash = `0x${'12'.repeat(32)}`;
const [round, gas, seconds, bytes, cid] = [3, 31_000, 1.5, 398_464, 'bafkrei'];
const slash = { takenWei: '1000000000000000000000', earnedWei: '500000000000000000000' };
const proposer = account;
const offender = account;
const evaluator = account;
const trainer = account;

const events: { [E in NodeEvent as E['event']]: Omit<E, 'event'> } = {
  started: { role: 'trainer', account, endpoint: url, folder: 'data' },
  dataRead: {
    samples: 9,
    read: 10,
    used: 9,
    skipped: [{ reason: '"age" is missing', count: 1, first: ['row 3, column "age": ""'] }],
    remarks: ['No sample here is of the class sick.'],
  },
  joined: { account },
  waiting: { for: reason },
  displaced: { endpoint: url },
  awaiting: { round, stage: 'proposal', whom: [{ account, role: 'aggregator' }], needed: null, until: 1_800_000_000 },
  ejected: { account },
  planChanged: { name: 'digits' },
  roundStarted: { round, baseRound: 2 },
  trainingProgress: { round, epoch: 1, epochs: 5, samplesDone: 1, samplesTotal: 5 },
  statisticsComputed: { round, samples: 5 },
  privacySpent: { round, epsilon: 1.5, budget: 8, delta: 1e-5, noiseMultiplier: 1.1 },
  trained: { round, startedAt: 1, endedAt: 2, samples: 5, loss: 0.5 },
  weightLimited: { round, samples: 70_000, most: 1000 },
  engineSaid: { line: reason },
  engineProblem: { problem: reason },
  submitted: { round, cid, bytes, gas, squaredNorm: 1, weight: 1, saturated: 0 },
  served: { round, cid },
  fetched: { round, trainer, bytes, seconds },
  unavailable: { round, trainer, reason },
  aggregated: { round, inputs: 3, seconds, modelRoot: hash },
  proposed: { round, modelRoot: hash, modelCid: hash, gas, bytes },
  finalized: { round, gas },
  attestationsMissing: { round, silent: [account], given: 1, needed: 2, skippedAt: 1_800_000_000 },
  attested: { round, inputs: 3, inputsRoot: hash },
  answered: { round, tree: 'model', height: 1, span: 0, bondWei: '1', gas },
  unanswerable: { round, proposer, tree: 'model' },
  verified: { round, proposer, seconds },
  refuted: { round, proposer, wrong: 'the model differs' },
  challenging: { round, proof: 'refuteModelChunk', fault: 'a chunk is wrong' },
  challenged: { round, offender, proof: 'refuteModelChunk', fault: 'a chunk is wrong', gas, announceGas: 1, ...slash },
  unproven: { round, proposer, reason },
  demanded: { round, tree: 'model', height: 1, span: 2, bondWei: '1', gas },
  forfeited: { round, offender, gas, ...slash },
  scored: { round, trainers: 3, seconds, scores: [1, 2, 3] },
  scoresCommitted: { round, gas },
  scoresRevealed: { round, scoresRoot: hash, gas },
  scoresDemanded: { round, evaluator, gas },
  scoresPublished: { round, gas },
  stakeLost: { takenWei: '1', leftWei: '2', reason },
  scoresForfeited: { round, evaluator, gas, ...slash },
  rewardsProposed: {
    round,
    scored: 3,
    evaluators: 2,
    paidGwei: '100000000000',
    trainersGwei: '70000000000',
    evaluatorsGwei: '20000000000',
    gas,
  },
  rewardsFinalized: { round, gas },
  rewardsUnreadable: { round },
  rewardsUnknown: { round },
  poolRanDry: { round, wantedGwei: '2000000000', paidGwei: '1000000000' },
  rewardsVerified: { round, proposer, seconds },
  rewardsRefuted: { round, proposer, wrong: 'a balance' },
  cheated: { round, did: 'lied', gas },
  refused: { round, by: 'WrongRound' },
  damaged: { file: 'data/outbox/3.update', problem: 'it is cut', keptAs: null, means: reason },
  notSwept: { reason },
  missing: { round, what: 'model', cid },
  restored: { round, what: 'model', cid },
  providersDisagree: {
    node: 'https://node.example',
    block: 7,
    difference: 'it leaves out 2 logs that another node has',
  },
  overspent: { step: 'revealing scores', reason: 'a unit of gas costs 40 gwei now, and --max-fee-gwei allows 30' },
  archived: { round, blobs: 7 },
  notArchived: { round, what: 'update', trainer: account, cid, final: true, reason },
  released: { round, blobs: 7 },
  retrying: { step: 'fetching', reason, code: 'CHAIN_UNREACHABLE' },
  measured: { round, metric: 'auc', value: 0.93214 },
  stopped: { reason: 'told to' },
  failed: { code: 'CHAIN_UNREACHABLE', message: reason, exitCode: 20 },
};
const nonsense = /undefined|\bnull\b|NaN|\[object|Infinity|unforeseen/;

describe('the sentence of the event', () => {
  for (const [event, fields] of Object.entries(events)) {
    it(`${event} says what it is about, without credentials`, () => {
      const told = { event, ...fields } as NodeEvent;
      const sentence = describeEvent(told);
      if (event === 'trainingProgress') return expect(sentence).to.equal(undefined);
      expect(sentence)
        .to.match(/\S+ \S+/)
        .and.not.to.match(nonsense)
        .and.not.to.include(secret);
      if ('round' in fields) expect(sentence).to.match(/^round 3\b/);
      expect(activityOf(told)?.text ?? '').not.to.match(nonsense);
    });
  }

  it('rewardsProposed says what is paid to whom, not what could have been', () => {
    const sentence = (paid: Partial<Extract<NodeEvent, { event: 'rewardsProposed' }>>) =>
      describeEvent({ event: 'rewardsProposed', ...events.rewardsProposed, ...paid });
    expect(sentence({})).to.equal(
      'round 3: stated rewards of 70.0 tokens for 3 trainers, 20.0 tokens for 2 evaluators, 10.0 tokens for the aggregator, 31000 gas',
    );
    expect(
      sentence({ scored: 0, evaluators: 0, paidGwei: '10000000000', trainersGwei: '0', evaluatorsGwei: '0' }),
    ).to.equal('round 3: no scores in time: stated rewards of 10.0 tokens for the aggregator, 31000 gas');
    expect(sentence({ paidGwei: '0', trainersGwei: '0', evaluatorsGwei: '0' })).to.include('nothing for anybody');
  });
});

describe('a failure', () => {
  const client = new URL('../../client', import.meta.url).pathname;
  const sources = readdirSync(client, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith(join('contracts', '')))
    .map((file) => [file, readFileSync(join(client, file), 'utf8')] as const);
  const text = sources.map(([, source]) => source).join('\n');
  const [literal] = ["(`(?:[^`\\\\]|\\\\.)*`|'(?:[^'\\\\]|\\\\.)*')"];
  const direct = new RegExp(`new TributaryError\\(\\s*(?:'(\\w+)'|[\\w?. ]+),\\s*${literal}`, 'g');
  const named = new RegExp(`const message =\\s*${literal};`, 'g');

  it('has a code that something fails with, each with an exit code of its own', () => {
    const codes = Object.keys(exitCodes) as ErrorCode[];
    expect(new Set(Object.values(exitCodes)).size).to.equal(codes.length);
    // wrong usage is said by the parser of arguments
    for (const code of codes.filter((one) => one !== 'USAGE')) expect(text, code).to.include(`'${code}'`);
  });

  it('is a sentence with an end, wherever it is made', () => {
    const messages = sources.flatMap(([file, source]) => [
      ...[...source.matchAll(direct)].map(([, , message]) => [file, message!] as const),
      ...[...source.matchAll(named)].map(([, message]) => [file, message!] as const),
    ]);
    expect(messages).to.have.length.above(120);
    for (const [file, message] of messages) {
      const sentence = message.slice(1, -1);
      // what ends with another sentence ends as that does
      expect(sentence, file)
        .to.match(/[.?}]$/)
        .and.not.to.match(/undefined|\[object|unforeseen/);
      expect(sentence.split(/\s+/), `${file}: ${sentence}`).to.have.length.above(1);
    }
  });

  it('shows no credentials, whatever it is about', () => {
    for (const code of Object.keys(exitCodes) as ErrorCode[]) {
      const error = new TributaryError(code, `Something about ${url}.`, { args: { url, list: [url] } });
      expect(`${error.message} ${JSON.stringify(error.args)} ${error.stack}`).not.to.include(secret);
    }
  });
});
