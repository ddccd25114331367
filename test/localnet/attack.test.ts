import { expect } from 'chai';
import { createColors } from 'picocolors';
import type { TributaryError } from '../../client/core/errors.ts';
import { complaintOf, createConfessions } from '../../client/localnet/attackSummary.ts';
import { federationOf } from '../../client/localnet/federationOf.ts';
import { membersOf, ringOf, seatOf } from '../../client/localnet/members.ts';
import { parseStartOptions } from '../../client/localnet/options.ts';
import { renderAttack } from '../../client/localnet/renderAttack.ts';
import type { Verdict } from '../../client/localnet/verdicts.ts';

function optionsOf(attack: string, more: Record<string, string | boolean> = {}) {
  return parseStartOptions({ attack, ...more });
}

function complaint(attack: string, more: Record<string, string | boolean> = {}): string {
  try {
    optionsOf(attack, more);
  } catch (error) {
    expect((error as TributaryError).code).to.equal('CONFIG_INVALID');
    return (error as Error).message;
  }
  return 'nothing was wrong';
}

describe('the faults that a run stages', () => {
  const wrong: [string, Record<string, string | boolean>, string][] = [
    ['sybil', {}, '--attack: "sybil" is not one of aggregator, norm'],
    ['norm:3', {}, '--attack: "norm:3" is not one of'],
    ['norm:round=0', {}, '--attack: norm is possible from round 1 on, not in round 0.'],
    ['copycat:round=1', {}, '--attack: copycat is possible from round 2 on'],
    ['', {}, '--attack: "" is not one of'],
    ['norm,', {}, '--attack: "" is not one of'],
    ['forge:round=6', {}, '--attack: forge is to happen in round 6, but there are 5: give more --rounds.'],
    ['omit', { trainers: '1' }, '--attack: wants at least two --trainers.'],
    ['omit', { resume: true, folder: 'x', rpc: 'http://127.0.0.1:1' }, '--attack: a run that is resumed cannot'],
  ];
  for (const [attack, more, message] of wrong) {
    it(`are refused with what they want: ${JSON.stringify(attack)} ${JSON.stringify(more)}`, () => {
      expect(complaint(attack, more)).to.include(message);
    });
  }

  it('happen in the third round unless said otherwise', () => {
    expect(optionsOf('aggregator,norm:round=2').attack).to.deep.equal([
      { attack: 'aggregator', round: 3 },
      { attack: 'norm', round: 2 },
    ]);
    expect(parseStartOptions({})).to.deep.include({ attack: [], compare: true });
  });

  it('are each staged by an adversary of its own, in addition to the honest processes', async () => {
    const options = optionsOf('norm,forge,nan', { trainers: '2', aggregators: '1' });
    const members = membersOf(options);
    expect(members.map((member) => `${member.name}: ${seatOf(member)}`)).to.deep.equal([
      'trainer 1: trainer',
      'trainer 2: trainer',
      'aggregator 1: aggregator',
      'watchtower 1: watchtower',
      'evaluator 1: evaluator',
      'evaluator 2: evaluator',
      'adversary 1: trainer',
      'adversary 2: aggregator',
      'adversary 3: trainer',
    ]);
    const digits = { inputShape: [1, 28, 28], classes: 10 };
    const config = await federationOf(options, digits);
    expect(config).to.include({ startTrainers: 4, minimumUpdates: 0 });
    expect(config.windows.submissionSeconds).to.equal(3600);
    expect((await federationOf(optionsOf('omit'), digits)).windows.submissionSeconds).to.equal(120);
  });

  for (const [attack, aggregators, ring] of [
    ['forge:round=2', '2', ['aggregator 1', 'aggregator 2', 'adversary 1']],
    ['forge:round=3', '2', ['adversary 1', 'aggregator 1', 'aggregator 2']],
    ['forge:round=4,norm,omit:round=4', '2', ['adversary 1', 'adversary 3', 'aggregator 1', 'aggregator 2']],
    ['equivocate:round=3', '2', ['aggregator 1', 'aggregator 2', 'adversary 1']],
  ] as const) {
    it(`have the turn in their round: ${attack}`, () => {
      expect(ringOf(membersOf(optionsOf(attack, { aggregators }))).map(({ name }) => name)).to.deep.equal(ring);
    });
  }
});

describe('the summary of an attacked run', () => {
  const [cheat, watcher] = [`0x${'c1'.repeat(20)}`, `0x${'3a'.repeat(20)}`];
  const members = membersOf(optionsOf('forge,nan')).filter(({ role }) => role === 'adversary');
  const verdict: Verdict = {
    round: 3,
    offender: cheat,
    challenger: watcher,
    proof: 'refuteUnsubmitted',
    takenWei: 1000n * 10n ** 18n,
    earnedWei: 500n * 10n ** 18n,
    gas: 180_000,
    gasOfAll: 240_000,
  };

  function summaryOf(verdicts: readonly Verdict[]) {
    const confessions = createConfessions((account) => (account === watcher ? 'watchtower 1' : account));
    confessions.observe('adversary 1', { event: 'cheated', round: 3, did: 'took in a forgery', gas: 136_000, at: 1 });
    confessions.observe('adversary 2', { event: 'cheated', round: 4, did: 'submitted NaN', gas: 0, at: 2 });
    confessions.observe('adversary 2', { event: 'refused', round: 4, by: 'NormAboveBound', at: 2 });
    const accountOf = (name: string) => (name === 'adversary 1' ? cheat : `0x${'c2'.repeat(20)}`);
    const faults = confessions.faults(members, accountOf, verdicts);
    const voided = [{ round: 3, proposer: 'adversary 1', inputCount: 5, gas: 136_000, refutedRound: 3 }];
    return { faults, voided, repeatedRounds: [3], accuracy: 0.891, honestAccuracy: 0.894 };
  }

  it('names who was caught by which proof, what it cost the cheat and what the challenger earned', () => {
    const [forged, refused] = summaryOf([verdict]).faults;
    expect(forged).to.deep.equal({
      attack: 'forge',
      process: 'adversary 1',
      round: 3,
      did: 'took in a forgery',
      outcome: 'slashed',
      proof: 'refuteUnsubmitted',
      caughtBy: 'watchtower 1',
      lostWei: '1000000000000000000000',
      gasSpent: 136_000,
      earnedWei: '500000000000000000000',
      challengeGas: 180_000,
      challengerGas: 240_000,
    });
    expect(refused).to.include({ outcome: 'refused', proof: 'NormAboveBound', caughtBy: 'the contract', lostWei: '0' });
    const text = renderAttack(summaryOf([verdict]), createColors(false)).join('\n');
    expect(text).to.include('adversary 1, forge: took in a forgery (round 3)');
    expect(text).to.include('caught by watchtower 1, proven by refuteUnsubmitted in 180,000 gas');
    expect(text).to.include(
      'the cheat lost 1000 tokens and 136,000 gas; the challenger earned 500 tokens for 240,000 gas',
    );
    expect(text).to.include('refused by the contract at once: NormAboveBound');
    expect(text).to.include('1 proposal was voided; proposed again: round 3.');
    expect(text).to.include('Accuracy at the end 89.1 %; the same run without the attack ended with 89.4 %.');
    expect(complaintOf(summaryOf([verdict]))).to.equal(undefined);
  });

  it('says which adversary was not caught, and which never came to cheat', () => {
    expect(complaintOf(summaryOf([]))).to.match(/^adversary 1 was not caught \(forge, in round 3\)/);
    const silent = createConfessions((account) => account).faults(members, () => cheat, []);
    expect(complaintOf({ ...summaryOf([]), faults: silent })).to.match(/^adversary 1 never came to commit its fault/);
  });
});
