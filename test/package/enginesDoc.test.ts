/** The messages of docs/engines.md are such as the code sends and takes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { trainingPlanSchema } from '../../client/core/task.ts';
import type { TrainingPlan } from '../../client/training/engine.ts';
import { createLayout } from '../../client/training/layout.ts';
import { createProcessEngine } from '../../client/training/process/engine.ts';
import { answerSchemas, engineProtocol, readLine } from '../../client/training/process/messages.ts';
import { floatTensorsOf, writeSafetensors } from '../../client/training/safetensors.ts';

const text = readFileSync(new URL('../../docs/engines.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```json (request|answer) (\w+)\n(.*?)\n```/gs)].map(([, kind, type, json]) => ({
  kind,
  type: type!,
  json: json!,
}));

const layout = createLayout([{ name: 'weight', shape: [2] }]);
const program = fileURLToPath(new URL('../training/process/program.js', import.meta.url));

/** By type what the engine really asks, each with its fields in their order. */
async function askedFields(): Promise<Record<string, string[]>> {
  const asked: Record<string, string[]> = {};
  const engine = createProcessEngine({
    command: [process.execPath, program, '--fault', 'echoes'],
    onLine(line) {
      if (!line.startsWith('{')) return;
      const request = JSON.parse(line) as { type: string };
      asked[request.type] = Object.keys(request);
    },
  });
  const bytes = writeSafetensors(floatTensorsOf(layout, new Float32Array(2)));
  const plan = trainingPlanSchema.parse({ learningRate: 0.1, epochs: 1, batchSize: 10 });
  const model = await engine.compile({ kind: 'tensors', bytes, inputShape: [1], classes: 1 }, plan as TrainingPlan);
  await model.trainLocally(new Float32Array(2), engine.data, { seed: 's' });
  await model.evaluate(new Float32Array(2), engine.data);
  await model.dispose();
  return asked;
}

describe('docs/engines.md', () => {
  let asked: Record<string, string[]>;
  before(async () => {
    asked = await askedFields();
  });

  it('shows every message', () => {
    const shown = (kind: string) => examples.filter((example) => example.kind === kind).map(({ type }) => type);
    expect(shown('request')).to.deep.equal(Object.keys(asked));
    expect(shown('answer').sort()).to.deep.equal(Object.keys(answerSchemas).sort());
    expect(text).to.include(`"protocol":"${engineProtocol}"`);
  });

  for (const { kind, type, json } of examples) {
    it(`has a ${kind} ${type} of one line, with the fields that there are`, () => {
      expect(json).not.to.include('\n');
      const message = JSON.parse(json) as Record<string, unknown>;
      expect(message.type).to.equal(type);
      if (kind === 'answer') return expect(readLine(json)).to.deep.include({ id: message.id, type });
      expect(Object.keys(message)).to.deep.equal(asked[type]);
      if (message.plan !== undefined) expect(trainingPlanSchema.parse(message.plan)).to.deep.equal(message.plan);
    });
  }
});
