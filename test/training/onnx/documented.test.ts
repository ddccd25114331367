import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { made } from '../../../client/training/onnx/folding/making.ts';
import { operators, refused } from '../../../client/training/onnx/operators/table.ts';
import { unrolled } from '../../../client/training/onnx/recurrent/unroll.ts';

/** Operators in the first cells of the tables of docs/operators.md, by the section's title. */
function documented(): Map<string, string[]> {
  const text = readFileSync(new URL('../../../docs/operators.md', import.meta.url), 'utf8');
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const rows = section.split('\n').filter((line) => line.startsWith('| `'));
      return [
        section.split('\n')[0]!,
        rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)),
      ];
    }),
  );
}

describe('docs/operators.md', () => {
  const sections = documented();
  sections.delete('Batch normalisation');
  const listed = [...sections].flatMap(([title, names]) => (title.startsWith('Refused') ? [] : names));

  it('lists each operator that is trained, once', () => {
    expect(listed.toSorted()).to.deep.equal([...operators.keys(), ...unrolled, ...made].toSorted());
  });

  it('lists each operator that is refused with advice', () => {
    expect(sections.get('Refused, with advice')!.toSorted()).to.deep.equal([...refused.keys()].toSorted());
  });

  it('says that no gradient flows through just those through which none does', () => {
    const through = (name: string) => {
      const { differentiable } = operators.get(name) ?? { differentiable: [] };
      return typeof differentiable === 'function' || differentiable === undefined || differentiable.length > 0;
    };
    const indifferent = listed.filter((name) => !through(name) && !unrolled.includes(name));
    expect(sections.get('No gradient flows through these')!.toSorted()).to.deep.equal(indifferent.toSorted());
  });
});
