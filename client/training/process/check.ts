/** Whether a program is an engine as docs/engines.md says: drives it through all that it may be asked, and names what it gets wrong. */
import { createRandom } from '../../core/random.ts';
import type { ParameterLayout, TensorsDefinition, TrainingPlan } from '../engine.ts';
import { createLayout } from '../layout.ts';
import { floatTensorsOf, type StoredTensor, writeSafetensors } from '../safetensors.ts';
import { readTensorsModel } from '../tensors/model.ts';
import { askHello, askToTrain } from './asking.ts';
import { type Child, type Listening, nameOf, startChild } from './child.ts';
import { type EngineFolder, openEngineFolder } from './engineFolder.ts';
import type { EngineCommand } from './launch.ts';
import type { EngineAnswer, EngineRole } from './messages.ts';
import { checkTensors } from './trainedTensors.ts';

export interface CheckOptions extends Pick<Listening, 'onLine'> {
  command: EngineCommand;
  /** What it is to train; without it the tensors that the program names, with small random numbers. */
  model?: TensorsDefinition['bytes'] | undefined;
  source?: string | undefined;
  role: EngineRole;
  plan: TrainingPlan;
  silenceSeconds: number;
}

/** `problem` says what is wrong, as a sentence; `note` is no fault. */
export interface Finding {
  what: string;
  problem?: string;
  note?: string;
}

interface Checked {
  child: Child;
  folder: EngineFolder;
  options: CheckOptions;
  name: string;
  layout: ParameterLayout;
  frozen: readonly string[];
  start: Float32Array;
}

/** So long a program may take to end. */
const endMs = 10_000;
/** Several parts, to see whether as many come back. */
const askedParts = 3;

/** Each finding is said when it is made. A program that fails what others depend on is asked no more. */
export async function checkEngine(options: CheckOptions, say: (finding: Finding) => void): Promise<boolean> {
  const folder = await openEngineFolder();
  let isRight = true;
  const tell = (finding: Finding) => {
    isRight &&= finding.problem === undefined;
    say(finding);
  };
  const onProblem = (problem: string) => tell({ what: 'its standard output', problem });
  const child = startChild({ ...options, onProblem });
  /** Undefined where it fails. */
  const attempt = async <T>(what: string, act: () => Promise<{ value: T; note: string }>): Promise<T | undefined> => {
    try {
      const { value, note } = await act();
      tell({ what, note });
      return value;
    } catch (error) {
      tell({ what, problem: (error as Error).message });
      return undefined;
    }
  };
  try {
    const checked = await attempt('hello', () => hello(child, folder, options));
    if (checked !== undefined) await askAll(checked, attempt);
  } finally {
    const problem = `${nameOf(options.command)} does not end when its standard input ends: it must, for so it outlives nobody.`;
    if (!child.hasEnded)
      tell({
        what: 'its end',
        ...((await child.stop(Math.min(endMs, 1000 * options.silenceSeconds)))
          ? { note: 'it ends with its input' }
          : { problem }),
      });
    await child.stop();
    await folder.close();
  }
  return isRight;
}

async function askAll(
  checked: Checked,
  attempt: <T>(what: string, act: () => Promise<{ value: T; note: string }>) => Promise<T | undefined>,
): Promise<void> {
  const { start, options } = checked;
  const first = options.role === 'trainer' ? await attempt('train', () => train(checked, false)) : start;
  if (first === undefined) return;
  if (options.role === 'trainer') {
    const again = await attempt('train, with its tensors in another order', () => train(checked, true, first));
    if (again === undefined) return;
  }
  const known = await attempt('evaluate one model', () => evaluate(checked, [start]));
  if (known !== undefined) await attempt('evaluate two models', () => evaluate(checked, [start, first], known));
}

async function hello(
  child: Child,
  folder: EngineFolder,
  options: CheckOptions,
): Promise<{ value: Checked; note: string }> {
  const name = nameOf(options.command);
  const given = options.model && modelOf(options.model);
  const startedAt = performance.now();
  const answer = await askHello(child, folder, { ...options, ...(given ?? { tensors: [], frozen: [] }) });
  const { layout, frozen, start } = given ?? inventedModel(answer, name);
  checkTensors(answer.tensors, layout, frozen, name);
  if (answer.samples === 0) throw new Error(`${name} has no samples: look at its source.`);
  const count = `${layout.tensors.length} tensors of ${layout.dimension} numbers, ${answer.samples} samples`;
  return {
    value: { child, folder, options, name, layout, frozen, start },
    note: `${count}, ${secondsSince(startedAt)}`,
  };
}

async function train(checked: Checked, reversed: boolean, expected?: Float32Array) {
  const { child, options, name, layout, start } = checked;
  const tensors = floatTensorsOf(layout, start);
  if (reversed) tensors.reverse();
  const startedAt = performance.now();
  let lines = 0;
  const settings = { round: 1, seed: 'check', plan: options.plan };
  const { answer, parameters: value } = await askToTrain(child, checked, tensors, settings, () => {
    lines++;
  });
  if (answer.samples === 0) throw new Error(`${name} has trained on no samples.`);
  const changed = value.some((number, place) => number !== start[place]);
  const same = expected?.every((number, place) => number === value[place]);
  const notes = [
    `${answer.samples} samples, ${lines} lines of progress, ${secondsSince(startedAt)}`,
    ...(changed ? [] : ['it has changed nothing']),
    ...(same === false ? ['the same seed gives other bits: a round that is trained again gives another update'] : []),
  ];
  return { value, note: notes.join('; ') };
}

async function evaluate(
  { child, folder, name, layout }: Checked,
  models: readonly Float32Array[],
  known?: readonly number[],
) {
  const startedAt = performance.now();
  const files = await Promise.all(
    models.map((model, index) => folder.write(`${index}.safetensors`, writeSafetensors(floatTensorsOf(layout, model)))),
  );
  const { results, samples } = await child.ask({ type: 'evaluate', models: files, parts: askedParts });
  if (results.length !== models.length)
    throw new Error(`${name} answers ${results.length} results for ${models.length} models.`);
  const wanted = Math.min(askedParts, samples);
  const wrong = results.find(({ parts = [] }) => parts.length > 0 && parts.length !== wanted);
  if (wrong !== undefined)
    throw new Error(`${name} answers ${wrong.parts!.length} parts of its data, and ${wanted} are due.`);
  const losses = results.map(({ loss }) => loss ?? Number.POSITIVE_INFINITY);
  if (known !== undefined && losses[0] !== known[0])
    throw new Error(
      `${name} evaluates one model to ${known[0]}, and then to ${losses[0]}: an evaluator’s scores must not depend on when it is asked.`,
    );
  const inParts =
    results[0]?.parts === undefined ? '; without parts of its data, so an evaluator cannot tell chance' : '';
  return {
    value: losses,
    note: `loss ${losses.map((loss) => loss.toPrecision(4)).join(', then ')}, ${secondsSince(startedAt)}${inParts}`,
  };
}

interface Invented {
  layout: ParameterLayout;
  frozen: readonly string[];
  start: Float32Array;
}

function modelOf(bytes: Uint8Array): Invented & { tensors: StoredTensor[] } {
  const { layout, start, findings, tensorsWith } = readTensorsModel({ bytes });
  return { layout, start, frozen: findings.frozen.map(({ name }) => name), tensors: tensorsWith(start) };
}

function inventedModel({ tensors }: EngineAnswer<'hello'>, name: string): Invented {
  const trained = tensors.filter(({ dtype }) => dtype === 'F32');
  if (trained.length === 0) throw new Error(`${name} names no tensors of the type F32: give its start with --model.`);
  const layout = createLayout(trained);
  const random = createRandom('check', 'model');
  const start = Float32Array.from({ length: layout.dimension }, () => (random.float() - 0.5) / 10);
  return { layout, start, frozen: tensors.filter(({ dtype }) => dtype !== 'F32').map((tensor) => tensor.name) };
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(2)} s`;
}
