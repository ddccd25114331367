/** Prints what our accountants say for a grid of mechanisms, a line of JSON each, for who compares it with another's. */
import { composeLosses, epsilonOfLosses, lossesOfSampledGaussian } from '../client/privacy/accounting/privacyLoss.ts';
import { composeRenyi, epsilonOfRenyi, renyiOfSampledGaussian } from '../client/privacy/accounting/renyi.ts';

for (const noiseMultiplier of [0.6, 1, 2.5, 8]) {
  for (const samplingRate of [0.002, 0.05, 0.6, 1]) {
    for (const [times, delta] of [
      [1, 1e-5],
      [30, 1e-6],
      [2000, 1e-5],
    ] as const) {
      const mechanism = { noiseMultiplier, samplingRate };
      const divergences = renyiOfSampledGaussian(mechanism);
      const renyi = epsilonOfRenyi(composeRenyi([{ divergences, times }]), delta);
      if (renyi > 60) continue; // nobody would promise it
      const [removed, added] = lossesOfSampledGaussian(mechanism).map((losses) =>
        epsilonOfLosses(composeLosses([{ losses, times }]), delta),
      ) as [number, number];
      const losses = Math.max(removed, added);
      process.stdout.write(`${JSON.stringify({ ...mechanism, times, delta, renyi, losses })}\n`);
    }
  }
}
