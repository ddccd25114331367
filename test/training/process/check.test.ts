/** What `tributary engine check` says of a program. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createLayout } from '../../../client/training/layout.ts';
import { checkEngine, type Finding } from '../../../client/training/process/check.ts';
import { floatTensorsOf, writeSafetensors } from '../../../client/training/safetensors.ts';
import { createPlan } from '../plan.ts';

const program = fileURLToPath(new URL('./program.js', import.meta.url));
const layout = createLayout([
  { name: 'weight', shape: [2, 2] },
  { name: 'bias', shape: [2] },
]);
const model = writeSafetensors(floatTensorsOf(layout, Float32Array.of(0, 0, 0, 0, 2, 2)));
const plan = createPlan({ loss: 'squaredError' });

async function check(fault: string, role: 'trainer' | 'evaluator' = 'trainer') {
  const findings: Finding[] = [];
  const command = [process.execPath, program, '--fault', fault];
  const options = { command, model, role, plan, silenceSeconds: fault === 'stays' ? 2 : 60, onLine: () => undefined };
  const isRight = await checkEngine(options, (finding) => findings.push(finding));
  return { isRight, findings, wrong: findings.filter(({ problem }) => problem !== undefined) };
}

describe('the check of a program', () => {
  it('finds nothing wrong with one that is right, for a trainer and for an evaluator', async () => {
    const { isRight, findings } = await check('');
    expect(isRight).to.equal(true);
    expect(findings.map(({ what }) => what)).to.deep.equal([
      'hello',
      'train',
      'train, with its tensors in another order',
      'evaluate one model',
      'evaluate two models',
      'its end',
    ]);
    expect(findings[0]!.note).to.match(/^2 tensors of 6 numbers, 10 samples/);
    expect(findings[4]!.note).to.match(/^loss 1\.000, then 0\.2500, /);
    expect((await check('', 'evaluator')).isRight).to.equal(true);
  });

  const wrong: [fault: string, what: string, problem: RegExp][] = [
    ['protocol', 'hello', /speaks "tributary-engine\/9"/],
    ['otherHello', 'hello', /lacks the tensor "weight"/],
    ['noSamples', 'hello', /has no samples/],
    ['dies', 'train', /ended by itself \(exit code 3\)/],
    ['nan', 'train', /trained the tensor "weight" to NaN/],
    ['otherNames', 'train', /is "weight" meant\?/],
    ['noFile', 'train', /has trained and not written/],
    ['prints', 'its standard output', /print to standard error/],
    ['noResults', 'evaluate one model', /answers 0 results for 1 models/],
    ['otherParts', 'evaluate one model', /answers 4 parts of its data, and 3 are due/],
    ['drifts', 'evaluate two models', /scores must not depend on when it is asked/],
    ['stays', 'its end', /does not end when its standard input ends/],
  ];
  for (const [fault, what, problem] of wrong) {
    it(`names what is wrong with one that has the fault ${fault}`, async () => {
      const { isRight, wrong } = await check(fault);
      expect(isRight).to.equal(false);
      expect(wrong).to.have.length(1);
      expect(wrong[0]!.what).to.equal(what);
      expect(wrong[0]!.problem).to.match(problem);
    }).timeout(60_000);
  }
});
