/**
 * Every fault, staged with real processes by the command that people run, and caught by the watchtower. A process costs seconds of a
 * processor: what does not get into each other's way is staged in one run, and a run has whom it needs. That who passes over
 * reputations has nobody who attests it is shown in reputation.test.ts.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AttackSummary, StagedFault } from '../../client/localnet/attackSummary.ts';
import type { RunSummary } from '../../client/localnet/summary.ts';
import { tributary } from '../cli/tributary.ts';

const options = ['--json', '--trainers', '3', '--aggregators', '2', '--model', 'logistic', '--rounds', '3'];
/** Of the held-out samples; what training by chance would never agree to. */
const tolerance = 0.02;
const mostChallengeGas = 600_000;
/** Where nothing is about scores. */
const alone = ['--no-compare', '--evaluators', '0'];
interface Attacked {
  code: number;
  /** All that was said, each a JSON object. */
  lines: readonly string[];
  stderr: string;
  summary: RunSummary & { attack: AttackSummary };
}

async function start(...args: string[]): Promise<Attacked> {
  const folder = join(mkdtempSync(join(tmpdir(), 'tributary-attack-')), 'run');
  const { code, stdout, stderr } = await tributary(['start', ...options, '--folder', folder, ...args]);
  const lines = stdout.trim().split('\n');
  const last = lines.at(-1)!;
  expect(last, `${lines.slice(-30).join('\n')}\n${stderr}`).to.include('"event":"summary"');
  return { code, lines, stderr, summary: JSON.parse(last) };
}

/** Caught by proof, at a loss to the cheat, of which the challenger earns at most half. */
function expectSlashed(fault: StagedFault, attack: string, proof: RegExp, round = 2): void {
  expect(fault).to.include({ attack, round, outcome: 'slashed', caughtBy: 'watchtower 1' });
  expect(fault.proof).to.match(proof);
  expect(BigInt(fault.lostWei) > 0n, 'it lost stake').to.equal(true);
  expect(BigInt(fault.earnedWei) > 0n, 'the challenger earned').to.equal(true);
  expect(2n * BigInt(fault.earnedWei) <= BigInt(fault.lostWei), 'at most half').to.equal(true);
  expect(fault.challengeGas).to.be.within(1, mostChallengeGas);
  expect(fault.challengerGas).to.be.above(fault.challengeGas, 'the announcement is counted too');
}

/** The contract takes it from nobody: it costs the cheat nothing, and wins it nothing. */
function expectRefused(fault: StagedFault, attack: string, proof: string): void {
  expect(fault).to.include({ attack, outcome: 'refused', proof, caughtBy: 'the contract', lostWei: '0' });
}

/** All rounds asked for ended well, with the model of a run that nobody attacked. */
function expectGoodEnd({ code, stderr, summary }: Attacked, honestAccuracy: number): void {
  expect(code, stderr).to.equal(0);
  expect(summary.perRound).to.have.lengthOf(3);
  expect(summary.perRound.every(({ final }) => final)).to.equal(true);
  expect(summary.perRound.every(({ verifiedBy }) => verifiedBy.includes('watchtower 1'))).to.equal(true);
  expect(summary.attack.accuracy).to.be.closeTo(honestAccuracy, tolerance);
}

function expectRepeated({ summary }: Attacked, repeated = 2, cheat = 'adversary 1'): void {
  const { voided, repeatedRounds } = summary.attack;
  expect(repeatedRounds).to.deep.equal([repeated]);
  expect(voided[0]).to.include({ round: repeated, proposer: cheat, refutedRound: repeated });
  const again = summary.perRound.find(({ round }) => round === repeated)!;
  expect(again.proposer).not.to.equal(cheat);
}

describe('a staged fault is caught', () => {
  let honestAccuracy: number;

  it('aggregator: one coordinate of the model is off; norm: a false norm; copycat: the update of another; nan: no numbers at all', async () => {
    const run = await start('--attack', 'aggregator:round=2,norm:round=2,copycat:round=2,nan:round=2');
    honestAccuracy = run.summary.attack.honestAccuracy!;
    expect(honestAccuracy).to.be.above(0.8);
    const [wrong, norm, copy, nan] = run.summary.attack.faults;
    expectSlashed(wrong!, 'aggregator', /^refuteModel(Chunk|Directly)$/);
    expectSlashed(norm!, 'norm', /^refuteNorm$/);
    expectSlashed(copy!, 'copycat', /^refuteCopy$/);
    expectRefused(nan!, 'nan', 'NormAboveBound');
    expectRepeated(run);
    expectGoodEnd(run, honestAccuracy);
  });

  it('forge: an update that was never submitted; withhold: nothing of what was proposed is shown', async () => {
    const run = await start(...alone, '--attack', 'forge:round=2,withhold:round=3');
    const [forged, withheld] = run.summary.attack.faults;
    expectSlashed(withheld!, 'withhold', /^forfeit$/, 3);
    // no majority attests such inputs
    expectRefused(forged!, 'forge', 'TooFewAttestations');
    expectRepeated(run, 3, 'adversary 2');
    expectGoodEnd(run, honestAccuracy);
  });

  it('omit: a trainer is left out in silence; equivocate: two inputs are signed for one round; hoard: an update is shown to nobody; and where nobody scores, that is said of each round', async () => {
    const attacks = 'omit:round=2,equivocate:round=2,hoard:round=3';
    const run = await start(...alone, '--attack', attacks);
    const [omitted, signed, hoarded] = run.summary.attack.faults;
    expectRefused(omitted!, 'omit', 'TooFewAttestations');
    expectRefused(hoarded!, 'hoard', 'TooFewAttestations');
    expectSlashed(signed!, 'equivocate', /^refuteSignatures$/);
    expect(run.summary.attack.voided).to.deep.equal([]);
    // the round in which it is hoarded is made without it
    expect(run.summary.perRound.map(({ updates }) => updates)).to.deep.equal([4, 4, 3]);
    // the watchtower stays until the rewards of all are final
    const unscored = run.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'unscored');
    expect(unscored.map(({ round }) => round)).to.deep.equal(run.summary.perRound.map(({ round }) => round));
    expectGoodEnd(run, honestAccuracy);
  });

  it('favour: a reward statement gives a friend a better score', async () => {
    const run = await start('--no-compare', '--aggregators', '1', '--attack', 'favour:round=2');
    expectSlashed(run.summary.attack.faults[0]!, 'favour', /^refuteScore$/);
    expectGoodEnd(run, honestAccuracy);
    const { rewards, perRound } = run.summary;
    expect(rewards.finalRound, 'the rewards of the round were stated again').to.equal(3);
    expect(perRound.map(({ rewardGwei }) => rewardGwei)).to.deep.equal(Array(3).fill('100000000000'));
  });

  it('unless nobody watches', async () => {
    const nobody = ['--watchtowers', '0', '--trainers', '2', '--aggregators', '1', '--rounds', '2'];
    const { code, stderr, summary } = await start(...alone, ...nobody, '--attack', 'copycat:round=2');
    expect(code).to.equal(1);
    expect(stderr).to.equal('adversary 1 was not caught (copycat, in round 2).\n');
    expect(summary.attack.faults[0]).to.include({ outcome: 'uncaught', proof: null, caughtBy: null, lostWei: '0' });
  });
});
