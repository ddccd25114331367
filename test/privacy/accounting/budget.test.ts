import { expect } from 'chai';
import { calibrateNoise, epsilonOf } from '../../../client/privacy/accounting/budget.ts';
import {
  accountOf,
  checkBudget,
  checkKnows,
  decodeLedger,
  encodeLedger,
  type Spending,
} from '../../../client/privacy/accounting/ledger.ts';
import { expectCode } from '../../governance/expectCode.ts';

const federation = '31337/0xabc';
const spending = (round: number, times = 50): Spending => ({
  federation,
  round,
  noiseMultiplier: 1,
  samplingRate: 0.05,
  times,
});

describe('a budget of privacy', () => {
  it('gets the least noise that keeps it', () => {
    for (const [epsilon, rate, times] of [
      [8, 0.02, 500],
      [1, 0.01, 300],
    ] as const) {
      const noiseMultiplier = calibrateNoise({ epsilon, delta: 1e-5 }, rate, times);
      const spent = epsilonOf([{ noiseMultiplier, samplingRate: rate, times }], 1e-5);
      expect(spent).to.be.within(0.995 * epsilon, epsilon);
    }
  }).timeout(60_000);

  it("gets Opacus' noise for ε = 8 over 90 epochs", () => {
    // its test: batches of 4 % of the data, 2250 steps
    expect(calibrateNoise({ epsilon: 8, delta: 1e-5 }, 0.04, 2250)).to.be.closeTo(1.34766, 0.01);
  }).timeout(60_000);

  it('that no noise keeps is refused', () => {
    expectCode(
      () => calibrateNoise({ epsilon: 1e-9, delta: 1e-12 }, 1, 1000),
      'ARGUMENT_INVALID',
      /No noise keeps 1000 steps/,
    );
    expectCode(() => calibrateNoise({ epsilon: 0, delta: 1e-5 }, 1, 1), 'ARGUMENT_INVALID', /ε above 0/);
  }).timeout(60_000);
});

describe('the ledger of privacy', () => {
  it('adds up over rounds and federations, and a round that is trained twice counts twice', () => {
    const budget = { epsilon: 4, delta: 1e-5 };
    const once = accountOf([spending(1)], budget);
    const twice = accountOf([spending(1), spending(1)], budget);
    const elsewhere = accountOf([spending(1), { ...spending(1), federation: '1/0xdef' }], budget);
    expect(twice.spent).to.be.above(once.spent);
    expect(elsewhere).to.deep.equal(twice);
    expect(once.left).to.be.closeTo(4 - once.spent, 1e-12);
  });

  it('refuses the round that would go beyond the budget, and says what is left', () => {
    const { spent } = accountOf([spending(1)], { epsilon: 9, delta: 1e-5 });
    const budget = { epsilon: spent + 0.01, delta: 1e-5 };
    expect(() => checkBudget([], spending(1), budget)).not.to.throw();
    expectCode(
      () => checkBudget([spending(1)], spending(2), budget),
      'PRIVACY_BUDGET_SPENT',
      /Round 2 would spend ε = [\d.]+ of .*0\.010 are left/,
    );
  });

  it('must know of every update that the chain holds', () => {
    expect(() => checkKnows([spending(1), spending(2)], federation, [1, 2])).not.to.throw();
    expectCode(
      () => checkKnows([spending(1)], federation, [1, 2, 3]),
      'PRIVACY_LEDGER_BEHIND',
      /for rounds 2, 3 that the ledger/,
    );
    expectCode(
      () => checkKnows([{ ...spending(1), federation: 'other' }], federation, [1]),
      'PRIVACY_LEDGER_BEHIND',
      /round 1 that/,
    );
  });

  it('is read as it was written, and refused where it is not whole', () => {
    const spendings = [spending(1), spending(2, 7)];
    expect(decodeLedger(encodeLedger(spendings))).to.deep.equal(spendings);
    const cut = new TextEncoder().encode('{"format":"tributary-ledger/1","spendings":[{"round":1}]}');
    expectCode(() => decodeLedger(cut), 'CONFIG_INVALID', /ledger\.spendings\.0\.federation/);
  });
});
