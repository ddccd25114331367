import { expect } from 'chai';
import { analyse } from '../../scripts/mutate/compiler.ts';
import { isInShare, type Mutant, mutantsOf } from '../../scripts/mutate/mutants.ts';
import { reportedBy, schemataOf, switchFile, switchSource } from '../../scripts/mutate/schemata.ts';

const file = 'contracts/Small.sol';

function sourceOf(body: string): string {
  return `pragma solidity 0.8.37;

contract Small {
    uint256 internal constant LIMIT = 7;
    uint256 public total;
    error TooMuch(uint256 amount);

    function f(uint256 a, uint16 b) external returns (uint256 sum) {
        ${body}
    }
}
`;
}

function mutantsIn(content: string): Mutant[] {
  const { trees, complaints } = analyse(new Map([[file, content]]));
  expect(complaints).to.deep.equal([]);
  return mutantsOf(file, content, trees.get(file)!).map((mutant, index) => ({ ...mutant, id: index + 1 }));
}

const namesIn = (body: string) => mutantsIn(sourceOf(body)).map(({ name }) => name.replace('Small.f ', ''));

describe('mutants of Solidity', () => {
  it('leave declarations of constants and what errors say alone', () => {
    expect(namesIn('if (a == 3) revert TooMuch(a + 1);').filter((name) => /LIMIT|a \+ 1/.test(name))).to.deep.equal([
      'without revert TooMuch(a + 1)',
    ]);
  });

  it('move each boundary, and take conditions for true and false', () => {
    expect(namesIn('if (a < b) sum = a;')).to.have.members([
      'a < b → true',
      'a < b → false',
      'a < b → ((a) <= (b))',
      'a < b → ((a) >= (b))',
      'without sum = a',
    ]);
  });

  it('change operators, literals and named constants, and leave out statements', () => {
    expect(namesIn('require(a + 2 != LIMIT, TooMuch(a)); total = a;')).to.have.members([
      'without require(a + 2 != LIMIT, TooMuch(a))',
      'a + 2 != LIMIT → ((a + 2) == (LIMIT))',
      'a + 2 → ((a) - (2))',
      '2 → 3 in a + 2',
      '2 → 1 in a + 2',
      'LIMIT → (LIMIT + 1) in a + 2 != LIMIT',
      'LIMIT → (LIMIT - 1) in a + 2 != LIMIT',
      'without total = a',
    ]);
  });

  it('break assembly too, but not the pointer to free memory', () => {
    expect(namesIn('assembly ("memory-safe") { sum := add(mload(0x40), lt(a, b)) }')).to.have.members([
      'without sum := add(mload(0x40), lt(a, b))',
      'add(mload(0x40), lt(a, b)) → sub(mload(0x40), lt(a, b))',
      'lt(a, b) → iszero(gt(a, b))',
      'lt(a, b) → iszero(lt(a, b))',
    ]);
  });

  it('keep their names when other lines move, and number those that are alike', () => {
    const names = namesIn('total = a; total = a;');
    expect(names).to.deep.equal(['without total = a', 'without total = a (2)']);
    expect(namesIn('\n\n sum = b; total = a; total = a;')).to.include.members(names);
  });

  it('stand side by side in one source that compiles, also in an else and in nested expressions', () => {
    const content = sourceOf(`
        if (a > 3) total = a; else total = b;
        for (uint256 i = 0; i < a && !(i == b); ++i) sum += (i << 2) * LIMIT;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, a) { i := add(i, 1) } { if eq(i, b) { sum := xor(sum, shl(2, i)) } }
        }
        return b == 0 ? sum : total / b;`);
    const mutants = mutantsIn(content);
    const written = schemataOf(file, content, mutants);
    const sources = new Map([
      [file, written],
      [switchFile, switchSource],
    ]);
    expect(analyse(sources).complaints.map(({ formatted }) => formatted)).to.deep.equal([]);
    for (const { id } of mutants) expect(written).to.match(new RegExp(`(isMutant_?|choose_)\\(${id}[,)]`));
  });

  it('of an assembly block are reported together', () => {
    const content = sourceOf('total = 1; assembly ("memory-safe") { sum := add(a, b) }');
    const mutants = mutantsIn(content);
    const word = /mstore\(0, (\d+)\)/.exec(schemataOf(file, content, mutants))![1];
    const inAssembly = mutants.filter(({ host }) => host.kind.startsWith('yul')).map(({ id }) => id);
    expect(reportedBy(Number(word))).to.deep.equal(inAssembly);
    expect(reportedBy(5)).to.deep.equal([5]);
  });

  it('are drawn the same way for the same seed, in the share that was asked for', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `mutant ${index}`);
    const drawn = (seed: string) => names.filter((name) => isInShare(name, 1, 5, seed));
    expect(drawn('1')).to.deep.equal(drawn('1')).and.not.deep.equal(drawn('2'));
    expect(drawn('1').length).to.be.within(340, 460);
  });
});
