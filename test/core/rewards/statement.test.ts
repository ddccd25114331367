import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, keccak256, toHex } from '../../../client/core/hash.ts';
import { settleRound } from '../../../client/core/rewards/settle.ts';
import { type DecodedStatement, decodeStatement, encodeStatement } from '../../../client/core/rewards/statement.ts';
import { addressOf, codeOf, fuzzRuns, fuzzTimeout } from '../rounds.ts';
import { arbitraryScores } from './rounds.ts';

const root = keccak256(new Uint8Array(0));

const small: DecodedStatement = {
  round: 3,
  middle: -2,
  previousBalancesRoot: root,
  accounts: 17_000_000,
  paidGwei: 5n,
  evaluators: [
    { evaluator: addressOf(0), scoresRoot: root, stakeTokens: 0x0102n, distance: 2n ** 64n - 1n },
    { evaluator: addressOf(1), scoresRoot: root, stakeTokens: 1n, distance: 0n },
  ],
  entries: [
    { place: 0x01020304, inputIndex: 0x0506, score: -2, stakeTokens: 0x090a0b0c0d0e0f10n },
    { place: 0x01020305, inputIndex: 0, score: 32_767, stakeTokens: 0n },
  ],
  pageRoots: [root],
};

describe('a reward statement', () => {
  it('refuses bytes that are cut off', () => {
    const statement = encodeStatement(small);
    const cut = { ...statement, entries: statement.entries.slice(0, 31) };
    expect(() => decodeStatement(cut))
      .to.throw(/entries of a statement have 16 bytes each, not 31/)
      .with.property('code', 'ARGUMENT_INVALID');
    const longer = { ...statement, evaluators: new Uint8Array(69) };
    expect(() => decodeStatement(longer)).to.throw(/evaluators of a statement have 68 bytes each, not 69/);
  });

  it('refuses what does not ascend, both ways', () => {
    const statement = encodeStatement(small);
    const swap = (bytes: Uint8Array, length: number) =>
      Uint8Array.from([...bytes.subarray(length), ...bytes.subarray(0, length)]);
    const disordered = [
      { ...statement, entries: swap(statement.entries, 16) },
      { ...statement, evaluators: swap(statement.evaluators, 68) },
    ];
    for (const bytes of disordered) expect(codeOf(() => decodeStatement(bytes))).to.equal('ARGUMENT_INVALID');
    const twice = [
      { ...small, entries: [small.entries[0]!, small.entries[0]!] },
      { ...small, evaluators: [small.evaluators[1]!, small.evaluators[1]!] },
    ];
    for (const given of twice) expect(codeOf(() => encodeStatement(given))).to.equal('ARGUMENT_INVALID');
  });

  it('refuses numbers that do not fit', () => {
    const entry = small.entries[0]!;
    const evaluator = small.evaluators[0]!;
    const tooLarge = [
      ...[
        { place: 2 ** 32 },
        { inputIndex: 65_536 },
        { stakeTokens: 2n ** 64n },
        { stakeTokens: -1n },
        { score: 32_768 },
      ].map((change) => ({ ...small, entries: [{ ...entry, ...change }] })),
      ...[{ stakeTokens: 2n ** 64n }, { distance: 2n ** 64n }].map((change) => ({
        ...small,
        evaluators: [{ ...evaluator, ...change }],
      })),
    ];
    for (const given of tooLarge) expect(codeOf(() => encodeStatement(given))).to.equal('ARGUMENT_INVALID');
  });

  it('is written as the contract reads it', () => {
    const { entries, evaluators } = encodeStatement(small);
    expect(toHex(entries.subarray(0, 16))).to.equal('0x010203040506fffe090a0b0c0d0e0f10');
    expect(toHex(entries.subarray(16))).to.equal('0x0102030500007fff0000000000000000');
    const first = `${addressOf(0)}${toHex(root).slice(2)}0000000000000102ffffffffffffffff`;
    expect(evaluators.subarray(0, 68)).to.deep.equal(fromHex(first));
  });

  it('reads what it wrote, from the middle of a buffer too', () => {
    fc.assert(
      fc.property(arbitraryScores(), (round) => {
        const { statement, entries, evaluators, pageRoots, middle, paidGwei } = settleRound(round);
        const shifted = { ...statement, entries: Uint8Array.of(9, ...statement.entries).subarray(1) };
        for (const bytes of [statement, shifted]) {
          expect(decodeStatement(bytes)).to.deep.equal({
            round: round.round,
            middle,
            previousBalancesRoot: statement.previousBalancesRoot,
            accounts: round.accounts,
            paidGwei,
            evaluators: evaluators.map(({ evaluator, scoresRoot, stakeTokens, distance }) => {
              return { evaluator, scoresRoot, stakeTokens, distance };
            }),
            entries: entries.map(({ place, inputIndex, score, stakeTokens }) => ({
              place,
              inputIndex,
              score,
              stakeTokens,
            })),
            pageRoots,
          });
        }
      }),
      fuzzRuns(50),
    );
  }).timeout(fuzzTimeout);
});
