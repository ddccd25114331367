import { expect } from 'chai';
import fc from 'fast-check';
import type { RewardChallenge } from '../../../client/core/challenges/challenge.ts';
import { concatBytes, fromHex, keccak256, toHex } from '../../../client/core/hash.ts';
import { buildInputsTree, type InputsTree } from '../../../client/core/inputs.ts';
import { rootFromProof } from '../../../client/core/merkle.ts';
import { buildBalancesTree } from '../../../client/core/rewards/balances.ts';
import { challengeStatement } from '../../../client/core/rewards/challenges.ts';
import type { RoundScores } from '../../../client/core/rewards/roundScores.ts';
import { bytesToScores, scoresRoot } from '../../../client/core/rewards/scores.ts';
import { type Settlement, settleRound } from '../../../client/core/rewards/settle.ts';
import { type DecodedStatement, decodeStatement } from '../../../client/core/rewards/statement.ts';
import { addressOf, codeOf, fuzzRuns, fuzzTimeout } from '../rounds.ts';
import { arbitraryScores, revealOf, smallRound } from './rounds.ts';

/** The trainers at the inputs that their entries name, and one more behind them that has no account. */
function inputsOf({ trainers }: RoundScores): InputsTree {
  const inputs = trainers.map(({ trainer }) => ({ trainer, updateRoot: keccak256(fromHex(trainer)), weight: 1 }));
  return buildInputsTree([...inputs, { trainer: addressOf(999), updateRoot: new Uint8Array(32).fill(1), weight: 2 }]);
}

const round: RoundScores = {
  ...smallRound,
  trainers: smallRound.trainers.map((trainer, inputIndex) => ({ ...trainer, inputIndex })),
};
const right = settleRound(round);
const stated = decodeStatement(right.statement);
const miscounted = { ...revealOf(0, 4n, [1, 2]), evaluator: addressOf(40) };
const facts = { inputs: inputsOf(round), miscounted: [miscounted] };

/** The challenge of the right statement with a change. */
function challenge(change: Partial<DecodedStatement>): RewardChallenge | undefined {
  return challengeStatement(right, { ...stated, ...change }, facts);
}

function change<T>(items: readonly T[], index: number, changed: Partial<T>): T[] {
  return items.map((item, i) => (i === index ? { ...item, ...changed } : item));
}

describe('challengeStatement', () => {
  it('has nothing against the right statement', () => {
    expect(challengeStatement(right, stated, facts)).to.equal(undefined);
  });

  it('refuses to compare different rounds', () => {
    expect(codeOf(() => challenge({ round: 8 }))).to.equal('ARGUMENT_INVALID');
  });

  it('opens the input that a wrong entry names', () => {
    for (const wrong of [{ stakeTokens: 21n }, { inputIndex: 2 }, { inputIndex: 3 }, { place: 2 }]) {
      const found = challenge({ entries: change(stated.entries, 1, wrong) });
      expect(found).to.include({ contract: 'RewardChallenges', method: 'refuteEntry', against: 'statement' });
      const index = wrong.inputIndex ?? 1;
      expect(found?.args[0]).to.equal(1);
      expect(found?.args[1]).to.include({ index, trainer: facts.inputs.inputs[index]!.trainer });
    }
  });

  it('opens nothing where a wrong entry names an input that there is not', () => {
    const found = challenge({ entries: change(stated.entries, 1, { inputIndex: 4 }) });
    expect(found?.method).to.equal('refuteEntry');
    expect(found?.args[1]).to.include({ trainer: `0x${'00'.repeat(20)}` });
  });

  it('names an entry of nobody before one that is missing', () => {
    const entries = [...stated.entries.slice(0, 2), { place: 4, inputIndex: 2, score: 2, stakeTokens: 30n }];
    expect(challenge({ entries })?.method).to.equal('refuteEntry');
  });

  it('opens the input of a trainer that is left out', () => {
    const found = challenge({ entries: stated.entries.slice(0, 2) });
    expect(found?.method).to.equal('refuteMissingEntry');
    expect(found?.args[0]).to.include({ index: 2, trainer: addressOf(3) });
  });

  it('names a listed evaluator with another stake, root or that did not reveal', () => {
    const zero = `0x${'00'.repeat(32)}`;
    for (const wrong of [{ stakeTokens: 1n }, { scoresRoot: keccak256(fromHex('01')) }, { evaluator: addressOf(3) }]) {
      const found = challenge({ evaluators: change(stated.evaluators, 1, wrong) });
      expect(found?.method).to.equal('refuteEvaluator');
      expect(found?.args).to.deep.equal([1, zero, 0, zero]);
    }
  });

  it('opens the number of scores of a listed evaluator that scored another', () => {
    const { evaluator, stakeTokens, salt, scores } = miscounted;
    const listed = { evaluator, stakeTokens, scoresRoot: miscounted.scoresRoot, distance: 0n };
    const found = challenge({ evaluators: [...stated.evaluators, listed] });
    expect(found?.method).to.equal('refuteEvaluator');
    expect(found?.args.slice(0, 3)).to.deep.equal([3, toHex(salt), 2]);
    const treeRoot = fromHex(found!.args[3] as string);
    const root = keccak256(concatBytes(Uint8Array.of(8), salt, Uint8Array.of(0, 0, 0, scores.length), treeRoot));
    expect(root).to.deep.equal(miscounted.scoresRoot);
  });

  it('names an evaluator that is left out', () => {
    const found = challenge({ evaluators: stated.evaluators.slice(1) });
    expect(found?.method).to.equal('refuteMissingEvaluator');
    const [evaluator, salt, treeRoot] = found!.args as [string, string, string];
    expect(evaluator).to.equal(addressOf(1));
    const root = keccak256(concatBytes(Uint8Array.of(8), fromHex(salt), Uint8Array.of(0, 0, 0, 3), fromHex(treeRoot)));
    expect(root).to.deep.equal(right.evaluators[0]!.scoresRoot);
  });

  it('opens all scores of a wrong median', () => {
    const found = challenge({ entries: change(stated.entries, 2, { score: 3 }) });
    expect(found?.method).to.equal('refuteScore');
    expectScoresOpened(found!, right);
  });

  it('shows all scores of an evaluator whose distance is wrong', () => {
    const found = challenge({ evaluators: change(stated.evaluators, 2, { distance: 9n }) });
    expect(found?.method).to.equal('refuteDistance');
    const [index, salt, scores] = found!.args as [number, string, string];
    expect(index).to.equal(2);
    const { scoresRoot: root } = right.evaluators[2]!;
    expect(scoresRoot(fromHex(salt), bytesToScores(fromHex(scores)))).to.deep.equal(root);
  });

  it('shows the page before of wrong balances, and none where there was none', () => {
    const accounts = 513;
    const previous = Array.from({ length: 300 }, (_, i) => ({ cumulativeGwei: BigInt(i), reputation: i }));
    const large = settleRound({ ...round, accounts, previous });
    const posted = decodeStatement(large.statement);
    for (const page of [0, 1, 2]) {
      const pageRoots = large.pageRoots.map((root, i) => (i === page ? keccak256(root) : root));
      const found = challengeStatement(large, { ...posted, pageRoots }, facts);
      expect(found?.method).to.equal('refuteBalances');
      const [index, bytes, path] = found!.args as [number, string, string[]];
      expect(index).to.equal(page);
      expect(fromHex(bytes)).to.have.length([2560, 440, 0][page]!);
      expect(path).to.have.length([1, 1, 0][page]!);
      if (page === 2) continue;
      const { pages, tree } = buildBalancesTree(previous);
      const root = rootFromProof(pages[page]!.levels[8]!, page, path.map(fromHex));
      expect(root).to.deep.equal(tree.levels[1]!);
    }
  });

  it('finds whatever is changed', () => {
    const methods = new Set<string>();
    fc.assert(
      fc.property(arbitraryScores(6, 4), fc.nat(), fc.constantFrom(...falsifications), (given, at, falsify) => {
        const settlement = settleRound(given);
        const posted = decodeStatement(settlement.statement);
        const known = { inputs: inputsOf(given), miscounted: [] };
        expect(challengeStatement(settlement, posted, known)).to.equal(undefined);
        const wrong = falsify(posted, at);
        fc.pre(wrong !== undefined);
        const found = challengeStatement(settlement, wrong, known);
        expect(found?.contract).to.equal('RewardChallenges');
        if (found?.method === 'refuteScore') expectScoresOpened(found, settlement);
        methods.add(found!.method);
      }),
      fuzzRuns(200),
    );
    expect([...methods].sort()).to.deep.equal([
      'refuteBalances',
      'refuteDistance',
      'refuteEntry',
      'refuteEvaluator',
      'refuteMissingEntry',
      'refuteMissingEvaluator',
      'refuteScore',
    ]);
  }).timeout(fuzzTimeout);
});

/** Undefined where there is nothing to change. */
type Falsify = (statement: DecodedStatement, at: number) => DecodedStatement | undefined;

const falsifications: readonly Falsify[] = [
  onEntry(({ score }) => ({ score: score === 7 ? 8 : 7 })),
  onEntry(({ stakeTokens }) => ({ stakeTokens: stakeTokens + 1n })),
  onEntry(({ inputIndex }) => ({ inputIndex: inputIndex + 1 })),
  onEvaluator(({ distance }) => ({ distance: distance + 1n })),
  onEvaluator(({ stakeTokens }) => ({ stakeTokens: stakeTokens + 1n })),
  onEvaluator(({ scoresRoot: root }) => ({ scoresRoot: keccak256(root) })),
  (statement, at) => {
    const entries = statement.entries.filter((_, i) => i !== at % statement.entries.length);
    return entries.length === statement.entries.length ? undefined : { ...statement, entries };
  },
  (statement, at) => {
    const evaluators = statement.evaluators.filter((_, i) => i !== at % statement.evaluators.length);
    return evaluators.length === statement.evaluators.length ? undefined : { ...statement, evaluators };
  },
  (statement) => ({ ...statement, pageRoots: statement.pageRoots.map(keccak256) }),
];

function onEntry(wrong: (entry: DecodedStatement['entries'][number]) => Partial<typeof entry>): Falsify {
  return (statement, at) => {
    const { entries } = statement;
    if (entries.length === 0) return undefined;
    const index = at % entries.length;
    return { ...statement, entries: change(entries, index, wrong(entries[index]!)) };
  };
}

function onEvaluator(wrong: (entry: DecodedStatement['evaluators'][number]) => Partial<typeof entry>): Falsify {
  return (statement, at) => {
    const { evaluators } = statement;
    if (evaluators.length === 0) return undefined;
    const index = at % evaluators.length;
    return { ...statement, evaluators: change(evaluators, index, wrong(evaluators[index]!)) };
  };
}

/** Each word with its path and salt gives the root of its evaluator, and holds its score. */
function expectScoresOpened({ args }: RewardChallenge, { evaluators, entries }: Settlement): void {
  const [entry, words, paths, salts] = args as [number, string[], string[][], string[]];
  expect([words.length, paths.length, salts.length]).to.deep.equal(new Array(3).fill(evaluators.length));
  evaluators.forEach(({ scoresRoot: root, scores }, i) => {
    const word = fromHex(words[i]!);
    expect(bytesToScores(word)[entry % 16]).to.equal(scores[entry]);
    const leaf = keccak256(concatBytes(Uint8Array.of(7), word));
    const treeRoot = rootFromProof(leaf, Math.floor(entry / 16), paths[i]!.map(fromHex));
    const count = Uint8Array.of(0, 0, 0, entries.length);
    expect(keccak256(concatBytes(Uint8Array.of(8), fromHex(salts[i]!), count, treeRoot))).to.deep.equal(root);
  });
}
