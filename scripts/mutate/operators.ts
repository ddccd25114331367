/**
 * What is broken in Solidity: each operator says what an expression or a statement becomes. Left out are the declarations of
 * constants (their uses are mutated), what an error says beside its name, and what changes gas alone.
 */
import type { Node } from './compiler.ts';
import { type Range, rangeOf, type Text } from './text.ts';

/** An expression that becomes another, or a statement that is removed. */
export interface Change extends Range {
  operator: string;
  /** What stands there instead; undefined: the statement is removed. */
  text?: string;
}

const boundaries: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['!='],
  '!=': ['=='],
};

const operations: Record<string, string> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '/',
  '**': '*',
  '<<': '>>',
  '>>': '<<',
  '&': '|',
  '|': '&',
  '^': '|',
  '&&': '||',
  '||': '&&',
};

const isInteger = (node: Node) => /^t_u?int\d+$/.test(node.typeDescriptions?.typeIdentifier ?? '');

export function changesOf(node: Node, parent: Node | undefined, text: Text): Change[] {
  switch (node.nodeType) {
    case 'BinaryOperation':
      return binary(node, text);
    case 'UnaryOperation':
      return unary(node, text);
    case 'Assignment':
      return compound(node, text);
    case 'Literal':
      return literal(node);
    case 'Identifier':
    case 'MemberAccess':
      return constant(node, text);
    case 'IfStatement':
    case 'Conditional':
      return ['true', 'false'].map((value) => ({ operator: 'condition', ...rangeOf(node.condition), text: value }));
    case 'WhileStatement':
    case 'ForStatement':
      return node.condition ? [{ operator: 'loop', ...rangeOf(node.condition), text: 'false' }] : [];
    default:
      return removal(node, parent);
  }
}

function binary(node: Node, text: Text): Change[] {
  const [left, right] = [node.leftExpression, node.rightExpression];
  const with_ = (operator: string) => `((${text.of(rangeOf(left))}) ${operator} (${text.of(rangeOf(right))}))`;
  const changed = (operator: string, to: string): Change => ({ operator, ...rangeOf(node), text: with_(to) });
  const relations = boundaries[node.operator];
  if (relations === undefined) {
    const kind = node.operator === '&&' || node.operator === '||' ? 'logical' : 'arithmetic';
    return [changed(kind, operations[node.operator]!)];
  }
  const sides = node.operator === '==' && isInteger(left) && isInteger(right) ? ['<=', '>='] : [];
  return [...relations, ...sides].map((to) => changed('relational', to));
}

function unary(node: Node, text: Text): Change[] {
  const operand = text.of(rangeOf(node.subExpression));
  const becomes: Record<string, string> = { '!': operand, '-': operand, '~': operand };
  if (node.operator === '++' || node.operator === '--') {
    const other = node.operator === '++' ? '--' : '++';
    return [{ operator: 'arithmetic', ...rangeOf(node), text: node.prefix ? other + operand : operand + other }];
  }
  const changed = becomes[node.operator];
  return changed === undefined ? [] : [{ operator: 'logical', ...rangeOf(node), text: `(${changed})` }];
}

function compound(node: Node, text: Text): Change[] {
  const other = operations[node.operator.slice(0, -1)];
  if (node.operator === '=' || other === undefined) return [];
  const [left, right] = [text.of(rangeOf(node.leftHandSide)), text.of(rangeOf(node.rightHandSide))];
  return [{ operator: 'arithmetic', ...rangeOf(node), text: `(${left} ${other}= ${right})` }];
}

function literal(node: Node): Change[] {
  if (node.kind === 'bool') {
    return [{ operator: 'constant', ...rangeOf(node), text: node.value === 'true' ? 'false' : 'true' }];
  }
  if (node.kind !== 'number' || node.subdenomination || !/^[\d_]+$/.test(node.value)) return [];
  return neighbours(BigInt(node.value.replaceAll('_', ''))).map((value) => ({
    operator: 'constant',
    ...rangeOf(node),
    text: value,
  }));
}

export function neighbours(value: bigint): string[] {
  return value === 0n ? ['1'] : [`${value + 1n}`, `${value - 1n}`];
}

/** A named constant's use, and the bound of a type. */
function constant(node: Node, text: Text): Change[] {
  const own = text.of(rangeOf(node));
  const change = (value: string): Change => ({ operator: 'constant', ...rangeOf(node), text: `(${value})` });
  if (!isInteger(node)) return [];
  if (/^type\(.*\)\.max$/.test(own)) return [change(`${own} - 1`)];
  const name = node.name ?? node.memberName;
  return /^_?[A-Z][A-Z0-9_]+$/.test(name) ? [change(`${own} + 1`), change(`${own} - 1`)] : [];
}

const isReference = (node: Node) => /storage|calldata/.test(node?.typeDescriptions?.typeString ?? '');

function removal(node: Node, parent: Node | undefined): Change[] {
  const removed = (operator: string): Change[] => [{ operator, ...rangeOf(node) }];
  if (node.nodeType === 'EmitStatement' || node.nodeType === 'RevertStatement') return removed('statement');
  if (node.nodeType === 'Return') {
    return node.expression && !isReference(node.expression) ? removed('statement') : [];
  }
  if (node.nodeType !== 'ExpressionStatement' || parent?.nodeType === 'ForStatement') return [];
  const { expression } = node;
  if (expression.nodeType === 'Assignment') {
    // a reference without a value does not compile
    const named = expression.leftHandSide.nodeType === 'Identifier' && isReference(expression.leftHandSide);
    return named ? [] : removed('assignment');
  }
  if (expression.nodeType === 'UnaryOperation') return removed('assignment');
  return removed(expression.expression?.name === 'require' ? 'require' : 'statement');
}
