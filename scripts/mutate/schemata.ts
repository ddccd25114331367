/**
 * One source with all its mutants in it, of which a number chooses one at run time: the address that the chain pays for a
 * block. Reading it costs two gas and no storage, anywhere. With `recording` there, each choice that is met is reported to
 * the address where Hardhat collects coverage.
 */
import { posix } from 'node:path';
import type { Mutant } from './mutants.ts';
import { type Range, Text } from './text.ts';

export const original = 0;
export const recording = 2 ** 32;
const coverageAddress = '0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE';
export const switchFile = 'contracts/Mutants.sol';
const assembly = 'assembly ("memory-safe") {';

/** Reports one word. It leaves memory as it was: a caller may be about to hash what it has there. */
const report = (word: string) => `if eq(coinbase(), ${recording}) {
      let kept := mload(0)
      mstore(0, ${word})
      pop(staticcall(gas(), ${coverageAddress}, 0, 32, 0, 0))
      mstore(0, kept)
    }`;

export const switchSource = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

function isMutant(uint256 id) view returns (bool isOn) {
  assembly ("memory-safe") {
    isOn := eq(coinbase(), id)
    ${report('id')}
  }
}
`;

/** All of a block is reported when it begins: its loops turn often, and the chain keeps each report. */
function yulHelpers(block: string): string {
  const ids = [...block.matchAll(/(?:isMutant_|choose_)\((\d+)/g)].map(([, id]) => Number(id));
  if (ids.length === 0) return '';
  return `
    function isMutant_(id) -> isOn { isOn := eq(coinbase(), id) }
    function choose_(id, original, mutated) -> chosen {
      chosen := original
      if isMutant_(id) { chosen := mutated }
    }
    ${report(`${rangeWord(Math.min(...ids), Math.max(...ids))}`)}
`;
}

const rangeUnit = 2 ** 20;
const rangeWord = (first: number, last: number) => last * rangeUnit + first;

/** The mutants that a reported word names. */
export function reportedBy(word: number): number[] {
  const [first, last] = [word % rangeUnit, Math.floor(word / rangeUnit)];
  return Array.from({ length: Math.max(last - first, 0) + 1 }, (_, index) => first + index);
}

interface Host extends Range {
  kind: Mutant['host']['kind'];
  mutants: Mutant[];
}

export function schemataOf(file: string, content: string, mutants: Mutant[]): string {
  const text = new Text(content);
  const hosts = hostsOf(mutants);
  let written = emit(text, text.whole, hosts);
  // what reads the number is no longer pure
  written = written.replaceAll(/\bpure\b/g, 'view');
  if (mutants.length === 0) return written;
  const [before, ...blocks] = written.split(assembly);
  written = [before, ...blocks.map((block) => assembly + yulHelpers(block) + block)].join('');
  const path = posix.relative(posix.dirname(file), switchFile);
  const importLine = `import { isMutant } from "${path.startsWith('.') ? path : `./${path}`}";`;
  return written.replace(/^pragma solidity .*$/m, (pragma) => `${pragma}\n${importLine}`);
}

/** Outer before inner; of one range, the statement before the expression that it is. */
function hostsOf(mutants: Mutant[]): Host[] {
  const hosts = new Map<string, Host>();
  for (const mutant of mutants) {
    const { start, end, kind } = mutant.host;
    const key = `${start} ${end} ${kind}`;
    const host = hosts.get(key) ?? { start, end, kind, mutants: [] };
    host.mutants.push(mutant);
    hosts.set(key, host);
  }
  const isStatement = ({ kind }: Host) => (kind.endsWith('tatement') ? 0 : 1);
  return [...hosts.values()].sort((a, b) => a.start - b.start || b.end - a.end || isStatement(a) - isStatement(b));
}

/** The range's text, with a choice at each host. `hosts` lie in the range, in order. */
function emit(text: Text, range: Range, hosts: Host[]): string {
  let written = '';
  let position = range.start;
  for (let index = 0; index < hosts.length; ) {
    const host = hosts[index]!;
    let next = index + 1;
    while (next < hosts.length && hosts[next]!.start < host.end) ++next;
    written += text.of({ start: position, end: host.start });
    written += choice(text, host, emit(text, host, hosts.slice(index + 1, next)));
    position = host.end;
    index = next;
  }
  return written + text.of({ start: position, end: range.end });
}

function choice(text: Text, host: Host, otherwise: string): string {
  const { kind, mutants } = host;
  const ids = mutants.map(({ id }) => id);
  if (kind === 'statement') return `{ if (!isMutant(${ids[0]})) { ${otherwise} } }`;
  if (kind === 'yulStatement') return `if iszero(isMutant_(${ids[0]})) { ${otherwise} }`;
  const changed = ({ change }: Mutant) => text.replaced(host, change, change.text!);
  if (kind === 'yulExpression') {
    return mutants.reduce((inner, mutant) => `choose_(${mutant.id}, ${inner}, ${changed(mutant)})`, otherwise);
  }
  const choices = mutants.map((mutant) => `isMutant(${mutant.id}) ? (${changed(mutant)}) : `);
  return `(${choices.join('')}(${otherwise}))`;
}
