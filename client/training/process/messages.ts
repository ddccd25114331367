/** What an engine and a program say to each other: one JSON object a line; docs/engines.md describes it. */
import { z } from 'zod/v4';
import type { TrainingPlan } from '../engine.ts';
import type { TensorType } from '../safetensors.ts';

export const engineProtocol = 'tributary-engine/1';

/** For what the program is asked. */
export type EngineRole = 'trainer' | 'evaluator';

export interface TensorSpec {
  name: string;
  shape: readonly number[];
  dtype: TensorType;
}

/** What the program is asked; paths are absolute. Each has an `id` of its own, which the answers repeat. */
export type EngineRequest =
  | {
      type: 'hello';
      protocol: typeof engineProtocol;
      role: EngineRole;
      /** Whatever the person wrote as --source. */
      source: string | null;
      /** Where files may be written. */
      folder: string;
      /** Of the model, in its order; what is not trained is frozen. */
      tensors: readonly (TensorSpec & { trained: boolean })[];
      /** The file of the frozen tensors, where there are any. */
      frozen: string | null;
      plan: TrainingPlan;
    }
  | { type: 'train'; model: string; output: string; round: number; seed: string; plan: TrainingPlan }
  | { type: 'evaluate'; models: readonly string[]; parts: number };

const id = z.int();
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** JSON has neither NaN nor infinity. */
const measured = z.number().nullable();
const metrics = z.record(z.string(), measured).optional();
const tensor = z.object({ name: z.string(), shape: z.array(count), dtype: z.string() });

/** What the program answers, by type. Other fields are passed over. */
export const answerSchemas = {
  hello: z.object({ id, protocol: z.string(), tensors: z.array(tensor), samples: count }),
  progress: z.object({
    id,
    epoch: count.optional(),
    epochs: count.optional(),
    samplesDone: count.optional(),
    samplesTotal: count.optional(),
  }),
  trained: z.object({ id, samples: count, loss: measured.optional(), metrics }),
  evaluated: z.object({
    id,
    samples: count,
    results: z.array(z.object({ loss: measured, parts: z.array(measured).min(1).optional(), metrics })),
  }),
  /** The program could not do it, and goes on. */
  failed: z.object({ id, message: z.string() }),
};
export type AnswerType = keyof typeof answerSchemas;
export type EngineAnswer<T extends AnswerType> = z.infer<(typeof answerSchemas)[T]>;

/** By what a request is answered in the end. */
export const answerOf = { hello: 'hello', train: 'trained', evaluate: 'evaluated' } as const;

export type Line =
  /** Not meant for us, such as what a print statement writes. */
  { stray: true } | { problem: string } | { id: number; type: AnswerType; answer: EngineAnswer<AnswerType> };

/** A line that the program has written to its standard output. */
export function readLine(line: string): Line {
  const looksMeant = /^\s*\{.*"(id|type)"\s*:/.test(line);
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    if (!looksMeant) return { stray: true };
    const hint = /\b(NaN|-?Infinity)\b/.test(line) ? ', which has neither NaN nor Infinity: write null' : '';
    return { problem: `answers what is not JSON${hint}` };
  }
  if (!looksMeant || typeof json !== 'object' || json === null) return { stray: true };
  const { type, protocol } = json as { type?: unknown; protocol?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(answerSchemas, type))
    return {
      problem: `answers a message of the type ${JSON.stringify(type)}, which is none of ${Object.keys(answerSchemas).join(', ')}`,
    };
  if (type === 'hello' && protocol !== engineProtocol)
    return {
      problem: `speaks ${JSON.stringify(protocol)}, and ${engineProtocol} is wanted: take a version of it that fits`,
    };
  const parsed = answerSchemas[type as AnswerType].safeParse(json);
  if (parsed.success) return { id: parsed.data.id, type: type as AnswerType, answer: parsed.data };
  const issue = parsed.error.issues[0]!;
  const field = [type, ...issue.path.map(String)].join('.');
  return {
    problem: `answers a message whose field ${field} is wrong: ${issue.message.replace(/, received undefined$/, ', but it is missing')}`,
  };
}
