/** All mutants of a file: what changes, where the choice between the original and the change stands, and how it is called. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Node } from './compiler.ts';
import { type Change, changesOf } from './operators.ts';
import { type Range, rangeOf, Text } from './text.ts';
import { yulChangesOf } from './yul.ts';

type HostKind = 'expression' | 'statement' | 'yulExpression' | 'yulStatement';

export interface Mutant {
  /** What switches it on; 0 until it is selected. */
  id: number;
  /** Contract and function, the change, and which of several alike it is: stays the same when other lines move. */
  name: string;
  file: string;
  line: number;
  operator: string;
  change: Range & { text?: string };
  host: Range & { kind: HostKind };
}

const valueType = /^t_(u?int\d+|bool|address|address_payable|bytes\d+|enum\(.*|userDefinedValueType.*|contract.*)$/;

export function mutantsOf(file: string, content: string, tree: Node): Mutant[] {
  const text = new Text(content);
  const found: Mutant[] = [];
  const alike = new Map<string, number>();
  const add = (change: Change, path: Node[]) => {
    const host = hostOf(change, path, text);
    if (host === undefined) return;
    const stem = `${placeOf(file, path)} ${describe(change, path, text)}`;
    const count = (alike.get(stem) ?? 0) + 1;
    alike.set(stem, count);
    const name = count === 1 ? stem : `${stem} (${count})`;
    const line = text.lineAt(change.start);
    found.push({ id: 0, name, file, line, operator: change.operator, change: pick(change), host });
  };
  visit(tree, [], (node, path) => {
    const parent = path.at(-2);
    const changes = node.nodeType.startsWith('Yul') ? yulChangesOf(node, parent, text) : changesOf(node, parent, text);
    for (const change of changes) add(change, path);
  });
  return found;
}

/** A number of 32 bits for each name and seed: a mutant's fate does not depend on the others. */
export function drawOf(name: string, seed: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE();
}

/** True for `part` of `whole` names, drawn by the seed. */
export function isInShare(name: string, part: number, whole: number, seed: string): boolean {
  return drawOf(name, seed) % whole < part;
}

const pick = ({ start, end, text }: Change) => (text === undefined ? { start, end } : { start, end, text });

const skipped = new Set(['ErrorDefinition', 'EventDefinition', 'StructDefinition', 'StructuredDocumentation']);

function visit(node: Node, above: Node[], enter: (node: Node, path: Node[]) => void): void {
  if (skipped.has(node.nodeType) || (node.nodeType === 'VariableDeclaration' && node.constant)) return;
  const path = [...above, node];
  enter(node, path);
  for (const [key, value] of Object.entries(node)) {
    if (key === 'typeName' || key === 'functionName' || isErrorText(node, key)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child?.nodeType !== undefined && child.src !== undefined) visit(child, path, enter);
    }
  }
}

/** What an error says beside its name. */
function isErrorText(node: Node, key: string): boolean {
  return key === 'errorCall' || (node.nodeType === 'FunctionCall' && key === 'arguments' && isError(node));
}

const isError = (node: Node) => /^error |^function .* returns \(error\)/.test(typeOf(node.expression));
const typeOf = (node: Node): string => node?.typeDescriptions?.typeString ?? '';

/** The smallest expression around the change whose type a choice can have; for a statement, itself. */
function hostOf(change: Change, path: Node[], text: Text): Mutant['host'] | undefined {
  const node = path.at(-1)!;
  const isYul = node.nodeType.startsWith('Yul');
  if (change.text === undefined) {
    if (isYul) return { start: change.start, end: change.end, kind: 'yulStatement' };
    const whole = text.withSemicolon(change);
    return whole && { ...whole, kind: 'statement' };
  }
  if (isYul) return { start: change.start, end: change.end, kind: 'yulExpression' };
  // a condition is a child of the node that asked for the change
  if (change.start !== rangeOf(node).start || change.end !== rangeOf(node).end) {
    return { start: change.start, end: change.end, kind: 'expression' };
  }
  for (let depth = path.length - 1; depth > 0; --depth) {
    if (isHost(path[depth]!, path[depth - 1]!)) return { ...rangeOf(path[depth]!), kind: 'expression' };
    if (!('typeDescriptions' in path[depth - 1]!) || path[depth - 1]!.nodeType === 'VariableDeclaration')
      return undefined;
  }
  return undefined;
}

function isHost(node: Node, parent: Node): boolean {
  if (!valueType.test(node.typeDescriptions?.typeIdentifier ?? '') || node.lValueRequested) return false;
  if (node.nodeType === 'VariableDeclaration') return false;
  if (parent.nodeType === 'FunctionCall') return parent.arguments.includes(node);
  return parent.nodeType !== 'FunctionCallOptions' || parent.options.includes(node);
}

function placeOf(file: string, path: Node[]): string {
  const names = path.filter(({ nodeType }) => /^(Contract|Function|Modifier)Definition$/.test(nodeType));
  const own = names.map(({ name, kind }) => (name === '' ? kind : name)).join('.');
  return names[0]?.nodeType === 'ContractDefinition' ? own : `${basename(file)} ${own}`;
}

function describe(change: Change, path: Node[], text: Text): string {
  const short = (words: string) => words.replaceAll(/\s+/g, ' ').slice(0, 100);
  const from = short(text.of(change));
  if (change.text === undefined) return `without ${from}`;
  // a bare number says little: what stands around it
  const around = /^[\w]{1,6}$/.test(from) && path.length > 1 ? ` in ${short(text.of(rangeOf(path.at(-2)!)))}` : '';
  return `${from} → ${short(change.text)}${around}`;
}
