/** Element by element, with broadcasting. */
import { integerAttribute } from '../node.ts';
import { dataType, type TensorType } from '../tensor.ts';
import { broadcastTo, isInteger, type Rule, tensorOf } from './rule.ts';

function combined(combine: (...elements: number[]) => number, result?: TensorType): Rule {
  return ({ outputShape }, values) => {
    const operands = values.map((value) => broadcastTo(value, outputShape));
    const elements = operands[0]!.map((_, place) => combine(...operands.map((operand) => operand[place]!)));
    return tensorOf(result ?? values[0]!.type, outputShape, elements);
  };
}

const where: Rule = (node, [condition, positive, negative]) => {
  const chosen = combined((a, b, c) => (a ? b! : c!), positive!.type);
  return chosen(node, [condition!, positive!, negative!]);
};

const cast: Rule = ({ node, outputShape }, [value]) => {
  const to = integerAttribute(node, 'to', 0);
  const type = (Object.keys(dataType) as TensorType[]).find((key) => dataType[key] === to);
  return type && tensorOf(type, outputShape, [...value!.data]);
};

/** Integers are divided towards zero, which `tensorOf` does; a division by zero has no value. */
const div: Rule = (node, values) =>
  isInteger(values[0]!.type) && values[1]!.data.includes(0) ? undefined : combined((a, b) => a! / b!)(node, values);

/** The sign is the divisor's, as in Python; `fmod` keeps the dividend's. */
const mod: Rule = (node, values) => {
  const keepsSign = integerAttribute(node.node, 'fmod', 0) === 1;
  return combined((a, b) => (keepsSign ? a! % b! : a! - b! * Math.floor(a! / b!)))(node, values);
};

export const elementwise: Readonly<Record<string, Rule>> = {
  Abs: combined(Math.abs),
  Add: combined((a, b) => a! + b!),
  And: combined((a, b) => (a && b ? 1 : 0)),
  Cast: cast,
  Ceil: combined(Math.ceil),
  Div: div,
  Equal: combined((a, b) => (a === b ? 1 : 0), 'bool'),
  Exp: combined(Math.exp),
  Floor: combined(Math.floor),
  Greater: combined((a, b) => (a! > b! ? 1 : 0), 'bool'),
  GreaterOrEqual: combined((a, b) => (a! >= b! ? 1 : 0), 'bool'),
  Less: combined((a, b) => (a! < b! ? 1 : 0), 'bool'),
  LessOrEqual: combined((a, b) => (a! <= b! ? 1 : 0), 'bool'),
  Log: combined(Math.log),
  Max: combined(Math.max),
  Min: combined(Math.min),
  Mod: mod,
  Mul: combined((a, b) => a! * b!),
  Neg: combined((a) => -a!),
  Not: combined((a) => (a ? 0 : 1)),
  Or: combined((a, b) => (a || b ? 1 : 0)),
  Pow: combined((a, b) => a! ** b!),
  Reciprocal: combined((a) => 1 / a!),
  Sqrt: combined(Math.sqrt),
  Sub: combined((a, b) => a! - b!),
  Where: where,
};
