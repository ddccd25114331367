import { expect } from 'chai';
import { concatBytes, fromHex, keccak256 } from '../../client/core/hash.ts';
import { buildEntriesTree, buildInputsTree, type RoundInput, sortInputs } from '../../client/core/inputs.ts';
import { merkleRoot } from '../../client/core/merkle.ts';
import { sumTreeRoot } from '../../client/core/sumTree.ts';
import { addressOf, codeOf } from './rounds.ts';

function inputsOf(count: number): RoundInput[] {
  return Array.from({ length: count }, (_, i) => ({
    trainer: addressOf(i),
    updateRoot: keccak256(Uint8Array.of(i)),
    weight: i + 1,
  }));
}

const zero = new Uint8Array(32);

function hash(prefix: number, ...parts: Uint8Array[]): Uint8Array {
  return keccak256(concatBytes(Uint8Array.of(prefix), ...parts));
}

function entryOf({ trainer, updateRoot }: RoundInput): Uint8Array {
  return hash(5, fromHex(trainer), updateRoot);
}

describe('inputs of a round', () => {
  const [first] = inputsOf(1) as [RoundInput];

  it('refuses no inputs and too many', () => {
    expect(codeOf(() => buildInputsTree([]))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => sortInputs(new Array(65_536).fill(first)))).to.equal('ARGUMENT_INVALID');
  });

  it('refuses a trainer twice, in whatever case it is written', () => {
    const again = { ...first, trainer: `0x${'aB'.repeat(20)}` };
    const lower = { ...first, trainer: `0x${'ab'.repeat(20)}` };
    expect(() => buildInputsTree([again, first, lower]))
      .to.throw(/twice/)
      .with.property('code', 'ARGUMENT_INVALID');
  });

  it('refuses what is no address', () => {
    for (const trainer of ['', '0x12', first.trainer.slice(2), `${first.trainer}00`, `0x${'g'.repeat(40)}`]) {
      expect(
        codeOf(() => buildInputsTree([{ ...first, trainer }])),
        trainer,
      ).to.equal('ARGUMENT_INVALID');
    }
  });

  it('takes weights from 1 to 65535 only', () => {
    for (const weight of [0, -1, 1.5, 65_536, 1e12, Number.NaN]) {
      expect(
        codeOf(() => buildInputsTree([{ ...first, weight }])),
        `${weight}`,
      ).to.equal('ARGUMENT_INVALID');
    }
    for (const weight of [1, 65_535]) {
      expect(sumTreeRoot(buildInputsTree([{ ...first, weight }]).tree).sum).to.equal(weight);
    }
  });

  it('sorts by address as a number, so that the order given does not matter', () => {
    const trainers = ['0x00', '0x0A', '0x9f', '0xa0', '0xB1'].map((start) => start + '07'.repeat(19));
    const inputs = trainers.map((trainer, i) => ({ ...first, trainer, weight: i + 1 }));
    const { inputs: sorted, tree } = buildInputsTree([3, 0, 4, 2, 1].map((i) => inputs[i]!));
    expect(sorted.map(({ trainer }) => trainer)).to.deep.equal(trainers);
    expect(sumTreeRoot(tree)).to.deep.equal(sumTreeRoot(buildInputsTree(inputs).tree));
  });

  it('does not touch the list it was given', () => {
    const inputs = inputsOf(3).reverse();
    sortInputs(inputs);
    expect(inputs.map(({ weight }) => weight)).to.deep.equal([3, 2, 1]);
  });

  it('commits a single update as written down', () => {
    const input = { ...first, weight: 0x1234 };
    let root = entryOf(input);
    for (let height = 0; height < 4; height++) root = hash(3, root, zero);
    const weights = zero.slice();
    weights.set([0x12, 0x34]);
    expect(sumTreeRoot(buildInputsTree([input]).tree)).to.deep.equal({ hash: hash(4, weights, root), sum: 0x1234 });
  });

  it('commits 17 updates in two groups, whose sums are their weights', () => {
    const inputs = inputsOf(17);
    const { tree } = buildInputsTree(inputs);
    expect(tree.depth).to.equal(1);
    expect([...tree.sums[0]!]).to.deep.equal([136, 17]);
    const weights = Uint8Array.from({ length: 32 }, (_, i) => (i % 2 === 1 ? (i + 1) / 2 : 0));
    const group = hash(4, weights, merkleRoot(buildEntriesTree(inputs.slice(0, 16))));
    expect(tree.hashes[0]!.slice(0, 32)).to.deep.equal(group);
    expect(sumTreeRoot(tree).sum).to.equal(153);
  });

  it('binds trainer, update root and weight', () => {
    const inputs = inputsOf(5);
    const root = sumTreeRoot(buildInputsTree(inputs).tree).hash;
    const [a, b] = inputs as [RoundInput, RoundInput];
    const changes = [
      { ...a, trainer: addressOf(99) },
      { ...a, updateRoot: b.updateRoot },
      { ...a, weight: a.weight + 1 },
    ];
    for (const change of changes) {
      expect(sumTreeRoot(buildInputsTree([change, ...inputs.slice(1)]).tree).hash).not.to.deep.equal(root);
    }
    const swapped = [{ ...a, weight: b.weight }, { ...b, weight: a.weight }, ...inputs.slice(2)];
    expect(sumTreeRoot(buildInputsTree(swapped).tree).hash).not.to.deep.equal(root);
  });
});
