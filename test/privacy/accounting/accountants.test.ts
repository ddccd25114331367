import { expect } from 'chai';
import { renyiOfDiscreteGaussian, renyiOfSkellam } from '../../../client/privacy/accounting/distributed.ts';
import { logErfc, logNormalTail } from '../../../client/privacy/accounting/errorFunction.ts';
import {
  composeLosses,
  epsilonOfLosses,
  lossesOfSampledGaussian,
} from '../../../client/privacy/accounting/privacyLoss.ts';
import {
  composeRenyi,
  epsilonOfRenyi,
  orders,
  renyiOfSampledGaussian,
} from '../../../client/privacy/accounting/renyi.ts';

/** Noise, sampling rate, steps, δ; ε by Rényi and by privacy losses, as Google's dp-accounting 0.6.0 has them. */
const published: [number, number, number, number, number, number][] = [
  [1.5, 0.04, 2250, 1e-5, 7.329, 6.769],
  [1.1, 256 / 60_000, 14_062, 1e-5, 2.597, 2.382],
  [0.7, 256 / 60_000, 10_546, 1e-5, 6.319, 5.639],
  [1, 0.01, 1000, 1e-5, 2.101, 1.828],
  [1, 0.1, 100, 1e-5, 7.904, 7.047],
  [4, 0.1, 1000, 1e-6, 4.149, 3.869],
  [1, 1, 1, 1e-5, 4.729, 4.377],
  [0.8, 0.001, 10_000, 1e-7, 2.023, 1.171],
  [5, 0.5, 200, 1e-6, 7.99, 7.441],
];

function byRenyi(noiseMultiplier: number, samplingRate: number, times: number, delta: number): number {
  const divergences = renyiOfSampledGaussian({ noiseMultiplier, samplingRate });
  return epsilonOfRenyi(composeRenyi([{ divergences, times }]), delta);
}

function byLosses(noiseMultiplier: number, samplingRate: number, times: number, delta: number): number {
  const both = lossesOfSampledGaussian({ noiseMultiplier, samplingRate });
  return Math.max(...both.map((losses) => epsilonOfLosses(composeLosses([{ losses, times }]), delta)));
}

/** The moment of the mixture over the normal distribution, by the midpoint rule. */
function renyiByIntegration(q: number, sigma: number, order: number): number {
  const [low, high, steps] = [-14 * sigma, 14 * sigma + 2 * order, 100_000];
  const width = (high - low) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const x = low + (i + 0.5) * width;
    const ratio = 1 - q + q * Math.exp((2 * x - 1) / (2 * sigma * sigma));
    sum += Math.exp((-x * x) / (2 * sigma * sigma) + order * Math.log(ratio)) * width;
  }
  return Math.log(sum / (sigma * Math.sqrt(2 * Math.PI))) / (order - 1);
}

describe('an accountant of privacy', () => {
  for (const [noise, rate, steps, delta, renyi, losses] of published) {
    it(`agrees with what is published for noise ${noise}, rate ${rate.toFixed(5)}, ${steps} steps, δ ${delta}`, () => {
      expect(byRenyi(noise, rate, steps, delta) / renyi).to.be.within(0.99, 1.01);
      expect(byLosses(noise, rate, steps, delta) / losses).to.be.within(0.999, 1.001);
    }).timeout(30_000);
  }

  it("agrees with Opacus' own test values", () => {
    expect(byRenyi(1.5, 0.04, 2250, 1e-5)).to.be.closeTo(7.32911, 1e-3);
    expect(byLosses(1.5, 0.04, 2250, 1e-5) / 6.7774).to.be.within(0.99, 1.01);
  });

  it('has the divergence of every order, whole or not, as integration has it', () => {
    for (const [q, sigma] of [
      [0.5, 5],
      [0.1, 1],
      [0.004, 0.8],
    ] as const) {
      const divergences = renyiOfSampledGaussian({ noiseMultiplier: sigma, samplingRate: q });
      for (const order of [1.1, 2, 2.5, 5.2, 9]) {
        const place = orders.findIndex((one) => Math.abs(one - order) < 1e-9);
        expect(divergences[place]! / renyiByIntegration(q, sigma, order), `${q} ${sigma} ${order}`).to.be.closeTo(
          1,
          1e-5,
        );
      }
    }
  });

  it('adds up what is different: both halves of a run together are the run', () => {
    const [losses] = lossesOfSampledGaussian({ noiseMultiplier: 1, samplingRate: 0.1 });
    const [other] = lossesOfSampledGaussian({ noiseMultiplier: 2, samplingRate: 0.1 });
    const whole = epsilonOfLosses(composeLosses([{ losses, times: 50 }]), 1e-5);
    const halves = composeLosses([
      { losses, times: 25 },
      { losses, times: 25 },
    ]);
    expect(epsilonOfLosses(halves, 1e-5)).to.be.closeTo(whole, 1e-3);
    const mixed = composeLosses([
      { losses, times: 50 },
      { losses: other, times: 50 },
    ]);
    expect(epsilonOfLosses(mixed, 1e-5)).to.be.above(whole);
  });

  it('says nothing is lost where nothing is taken in, and all where nothing is added', () => {
    expect(byRenyi(1, 0, 1000, 1e-5)).to.equal(0);
    expect(byRenyi(0, 0.5, 1, 1e-5)).to.equal(Number.POSITIVE_INFINITY);
    expect(byRenyi(100, 0.01, 1, 0.1)).to.equal(0);
    expect(byLosses(100, 0.01, 1, 0.1)).to.equal(0);
  });

  it('of shared noise counts who adds it in truth, and is near that of the Gaussian noise of the same deviation', () => {
    const noise = { norm: 100, dimension: 1000, honest: 10 };
    const gaussian = orders.map((order) => (order * 100 ** 2) / (2 * 10 * 50 ** 2));
    const discrete = renyiOfDiscreteGaussian({ ...noise, sigma: 50 });
    const skellam = renyiOfSkellam({ ...noise, variance: 50 ** 2 });
    gaussian.forEach((expected, place) => {
      expect(discrete[place]! / expected).to.be.closeTo(1, 1e-6);
      if (orders[place]! <= 64) expect(skellam[place]! / expected).to.be.within(1, 1.07);
    });
    expect(renyiOfDiscreteGaussian({ ...noise, honest: 5, sigma: 50 })[9]).to.be.closeTo(2 * discrete[9]!, 1e-6);
    expect(() => renyiOfDiscreteGaussian({ ...noise, sigma: 0.4 })).to.throw(/at least 0\.5/);
  });

  it('stands on an error function that keeps its digits in the tail', () => {
    // by the C library, and beyond its floats by the continued fraction
    for (const [x, expected] of [
      [-3, 0.6931361352504468],
      [0.2, -0.2519322337826167],
      [0.5, -0.7350111298370844],
      [3.9, -17.1738712164354],
      [4.1, -18.821154183082648],
      [40, -1604.2615566532736],
    ] as const) {
      expect(logErfc(x), `${x}`).to.be.closeTo(expected, 1e-13 * Math.abs(expected));
    }
    expect(logNormalTail(0)).to.be.closeTo(-Math.LN2, 1e-15);
  });
});
