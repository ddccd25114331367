import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { kernels } from '../../../client/core/kernels/kernels.ts';
import { plainKernels } from '../../../client/core/kernels/plain.ts';
import { maxInputs, maxWeight } from '../../../client/core/numbers.ts';
import { compileKernels, moduleSource } from '../../../scripts/compile-kernels.ts';
import { arbitraryRound, fuzzRuns, fuzzTimeout } from '../rounds.ts';

describe('WebAssembly kernels', () => {
  it('are what assembly/ compiles to', async () => {
    const committed = await readFile(new URL('../../../client/core/kernels/module.ts', import.meta.url), 'utf8');
    expect(moduleSource(await compileKernels()) === committed, 'run node scripts/build-kernels.ts').to.equal(true);
  }).timeout(30_000);

  it('are the ones in use', () => {
    expect(kernels).not.to.equal(plainKernels);
  });

  it('hash as the plain ones do, whatever the length, number and prefix', () => {
    const prefix = fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined });
    const nearBlockEdges = [1, 134, 135, 136, 137, 271, 272, 273].map((bytes) => fc.constant(bytes));
    const messageBytes = fc.oneof(fc.integer({ min: 1, max: 1200 }), ...nearBlockEdges);
    fc.assert(
      fc.property(messageBytes, fc.integer({ min: 0, max: 5 }), prefix, fc.nat(), (bytes, count, first, seed) => {
        const messages = Uint8Array.from({ length: bytes * count }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
        expect(kernels.keccakBatch(messages, bytes, first)).to.deep.equal(
          plainKernels.keccakBatch(messages, bytes, first),
        );
      }),
      fuzzRuns(150),
    );
  }).timeout(fuzzTimeout);

  it('hash more messages than fit into a slab', () => {
    const messages = Uint8Array.from({ length: 64 * 5001 }, (_, i) => i % 251);
    expect(kernels.keccakBatch(messages, 64, 3)).to.deep.equal(plainKernels.keccakBatch(messages, 64, 3));
  }).timeout(10_000);

  it('fold as the plain ones do', () => {
    fc.assert(
      fc.property(
        arbitraryRound(),
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (round, states, share) => {
          const rows = round.values.map((row) => Int16Array.from(row));
          const weights = Uint16Array.from(round.weights);
          const chunks = Math.ceil(round.model.length / 64);
          const trim = Math.floor((share * (rows.length - 1)) / 2);
          expect(kernels.foldMean(rows, weights, chunks, states)).to.deep.equal(
            plainKernels.foldMean(rows, weights, chunks, states),
          );
          expect(kernels.foldCuts(rows, trim, chunks, states)).to.deep.equal(
            plainKernels.foldCuts(rows, trim, chunks, states),
          );
        },
      ),
      fuzzRuns(60),
    );
  }).timeout(fuzzTimeout);

  it('fold many updates as the plain ones do, whatever their number', () => {
    for (const n of [37, 48, 63, 64, 65, 100, 127, 128, 129, 200]) {
      const rows = Array.from({ length: n }, (_, j) =>
        Int16Array.from({ length: 64 }, (_, i) => Math.imul(j * 64 + i + n, 0x9e3779b1) >>> (i % 2 === 0 ? 16 : 28)),
      );
      for (const trim of [1, Math.floor(n / 5), Math.floor((n - 1) / 2)]) {
        expect(kernels.foldCuts(rows, trim, 1, true)).to.deep.equal(plainKernels.foldCuts(rows, trim, 1, true));
      }
    }
  });

  it('step a model as the plain ones do, saturation and odd sizes included', () => {
    const divisor = fc.oneof(fc.integer({ min: 1, max: maxInputs * maxWeight }), fc.integer({ min: 1, max: 600 }));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const coordinate = fc.tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), share);
    fc.assert(
      fc.property(divisor, fc.array(coordinate, { minLength: 1, maxLength: 20 }), (d, coordinates) => {
        const biasedSums = Float64Array.from(coordinates, ([, part]) => Math.round(part * d * 65_535));
        const [model, plain] = [0, 1].map(() => Int32Array.from(coordinates, ([parameter]) => parameter));
        kernels.stepModelInPlace(model!, biasedSums, d);
        plainKernels.stepModelInPlace(plain!, biasedSums, d);
        expect(model).to.deep.equal(plain);
      }),
      fuzzRuns(500),
    );
  }).timeout(fuzzTimeout);

  it('fold the most extreme round exactly', () => {
    const n = 3000;
    for (const value of [-32_768, 32_767]) {
      const rows = Array.from({ length: n }, () => new Int16Array(64).fill(value));
      const { biasedSums } = kernels.foldMean(rows, new Uint16Array(n).fill(65_535), 1, false);
      expect([...new Set(biasedSums)]).to.deep.equal([n * 65_535 * (value + 32_768)]);
      const cuts = kernels.foldCuts(rows, 1000, 1, false);
      expect([...new Set(cuts.biasedSums)]).to.deep.equal([1000 * (value + 32_768)]);
    }
  });
});
