/** What is broken in assembly. Both values of an expression are computed and one is taken: none of them has an effect. */
import type { Node } from './compiler.ts';
import { type Change, neighbours } from './operators.ts';
import { rangeOf, type Text } from './text.ts';

/** What a call becomes; `$a` and `$b` are its operands. */
const calls: Record<string, string[]> = {
  lt: ['iszero(gt($a, $b))', 'iszero(lt($a, $b))'],
  gt: ['iszero(lt($a, $b))', 'iszero(gt($a, $b))'],
  slt: ['iszero(sgt($a, $b))', 'iszero(slt($a, $b))'],
  sgt: ['iszero(slt($a, $b))', 'iszero(sgt($a, $b))'],
  eq: ['iszero(eq($a, $b))'],
  iszero: ['iszero(iszero($a))'],
  add: ['sub($a, $b)'],
  sub: ['add($a, $b)'],
  mul: ['add($a, $b)'],
  div: ['mul($a, $b)'],
  mod: ['div($a, $b)'],
  and: ['or($a, $b)'],
  or: ['and($a, $b)'],
  xor: ['or($a, $b)'],
  not: ['$a'],
  shl: ['shr($a, $b)'],
  shr: ['shl($a, $b)'],
  signextend: ['$b'],
};

export function yulChangesOf(node: Node, parent: Node | undefined, text: Text): Change[] {
  const range = rangeOf(node);
  switch (node.nodeType) {
    case 'YulFunctionCall':
      return (calls[node.functionName.name] ?? []).map((template) => ({
        operator: 'arithmetic',
        ...range,
        text: filled(template, node.arguments, text),
      }));
    case 'YulLiteral':
      return isFreePointer(node, parent) || parent?.nodeType === 'YulCase' ? [] : literal(node);
    case 'YulIdentifier':
      if (!/^[A-Z][A-Z0-9_]+$/.test(node.name)) return [];
      return [`add(${node.name}, 1)`, `sub(${node.name}, 1)`].map((value) => ({
        operator: 'constant',
        ...range,
        text: value,
      }));
    case 'YulIf':
      return ['1', '0'].map((value) => ({ operator: 'condition', ...rangeOf(node.condition), text: value }));
    case 'YulForLoop':
      return [{ operator: 'loop', ...rangeOf(node.condition), text: '0' }];
    case 'YulAssignment':
      return [{ operator: 'assignment', ...range }];
    case 'YulExpressionStatement':
      return [{ operator: 'statement', ...range }];
    default:
      return [];
  }
}

function filled(template: string, operands: Node[], text: Text): string {
  const [a, b] = operands.map((operand) => text.of(rangeOf(operand)));
  return template.replaceAll('$a', () => a!).replaceAll('$b', () => b!);
}

function literal(node: Node): Change[] {
  if (node.kind !== 'number' || node.value.length > 6) return [];
  return neighbours(BigInt(node.value)).map((value) => ({ operator: 'constant', ...rangeOf(node), text: value }));
}

/** 0x40, where the compiler keeps its pointer to free memory: another address breaks the compiler, not the contract. */
function isFreePointer(node: Node, parent: Node | undefined): boolean {
  return node.value === '0x40' && ['mload', 'mstore'].includes(parent?.functionName?.name);
}
