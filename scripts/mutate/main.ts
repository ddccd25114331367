/**
 * Breaks the contracts, one operator at a time, and tells whether the tests notice: `npm run mutate`. Survivors stand in
 * bench/mutants.json, each with its reason; any other is an error, and so is a reason for a mutant that is killed or gone.
 */
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exit, stderr, stdout } from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { root } from './compiler.ts';
import { Killers, type Verdict } from './kill.ts';
import { drawOf, isInShare, type Mutant } from './mutants.ts';
import { complaintsOf, readReasons, summarize } from './report.ts';
import { compile, compileTests, findMutants, scratch, writeSchemata } from './scratch.ts';

interface Options {
  only: string[];
  tests: string[];
  share: [number, number];
  seed: string;
  jobs: number;
  budget: number;
  list?: true;
  solidity: boolean;
}

const command = new Command('mutate')
  .description('breaks the contracts, one operator at a time, and tells whether the tests notice')
  .option('--only <words...>', 'mutants of files, contracts or functions whose name holds one of the words', [])
  .option('--tests <words...>', 'judges by test files whose name holds one of the words', [''])
  .option('--share <part/whole>', 'a sample, the same for the same seed', parseShare, [1, 1])
  .option('--seed <text>', 'of the sample', '1')
  .option('--jobs <count>', 'processes that run tests', Number, 1)
  .option('--budget <seconds>', "of the tests' usual time, for one mutant", Number, 60)
  .option('--list', 'only lists the mutants')
  .option('--no-solidity', 'judges by the tests in TypeScript alone')
  .parse();

function parseShare(words: string): [number, number] {
  const [part, whole] = words.split('/').map(Number);
  if (!part || !whole || part > whole) throw new InvalidArgumentError('It is two numbers, such as 20/100.');
  return [part, whole];
}

const options = command.opts<Options>();
const say = (line: string) => stderr.write(`${line}\n`);

/** The tests in Solidity that lie beside what is broken, and those of what uses it. */
function solidityTestsOf({ file }: Mutant): string[] {
  const folder = dirname(file).split('/').at(-1)!;
  const beside: Record<string, string[]> = {
    libraries: [file.replace(/\.sol$/, '.t.sol')],
    federation: ['contracts/federation/Federation.t.sol', 'contracts/challenges/Voiding.t.sol'],
    staking: ['contracts/staking/Stake.t.sol', 'contracts/challenges/Voiding.t.sol'],
    rewards: ['contracts/rewards/Rewards.t.sol'],
    challenges: ['contracts/challenges/Voiding.t.sol'],
    types: ['contracts/challenges/Voiding.t.sol', 'contracts/rewards/Rewards.t.sol'],
  };
  return (beside[folder] ?? []).map((name) => join(scratch, name)).filter((name) => existsSync(name));
}

async function main(): Promise<number> {
  const found = findMutants();
  const selected = found.mutants.filter(
    ({ name, file }) =>
      isInShare(name, ...options.share, options.seed) &&
      (options.only.length === 0 || options.only.some((word) => `${file} ${name}`.includes(word))),
  );
  if (options.list) {
    for (const { file, line, operator, name } of selected) stdout.write(`${file}:${line} [${operator}] ${name}\n`);
    return 0;
  }
  const mutants = writeSchemata(found.sources, selected);
  say(`${mutants.length} mutants (${selected.length - mutants.length} more are no valid Solidity); compiling them.`);
  await compile();
  const files = globSync('test/contracts/**/*.test.ts', { cwd: root }).sort();
  const killers = new Killers(
    files.filter((file) => options.tests.some((word) => file.includes(word))),
    options.jobs,
    options.budget,
  );
  try {
    const { count, failing, seconds } = await killers.record();
    say(`${count} tests ran without a mutant in ${seconds.toFixed(0)} s.`);
    for (const title of failing) say(`  fails without a mutant, and judges nothing: ${title}`);
    const verdicts = await killers.judge(inOrderOfDraw(mutants, options.seed), progress(mutants.length));
    if (options.solidity && verdicts.some(({ by }) => by === undefined)) {
      compileTests();
      const failing = await killers.judgeBySolidity(verdicts, solidityTestsOf);
      for (const file of failing) say(`  fails without a mutant, and judges nothing: ${file}`);
    }
    return conclude(verdicts, options.only.length === 0 && options.share[0] === options.share[1]);
  } finally {
    killers.end();
  }
}

/** So that the first hundred say something about all. */
function inOrderOfDraw(mutants: Mutant[], seed: string): Mutant[] {
  const drawn = mutants.map((mutant) => ({ mutant, draw: drawOf(mutant.name, seed) }));
  return drawn.sort((a, b) => a.draw - b.draw).map(({ mutant }) => mutant);
}

/** Hours for all of them: what is known so far is said at once. */
function progress(total: number): (verdict: Verdict) => void {
  let done = 0;
  let alive = 0;
  return ({ mutant: { file, line, name }, outcome }) => {
    ++done;
    if (outcome === 'survived' || outcome === 'unreached') {
      ++alive;
      say(`${outcome} so far: ${file}:${line} ${name}`);
    }
    if (done % 50 === 0) say(`${done} of ${total} judged, ${alive} alive`);
  };
}

function conclude(verdicts: Verdict[], all: boolean): number {
  mkdirSync(scratch, { recursive: true });
  const lines = verdicts.map(({ mutant: { file, line, name }, outcome, by }) => ({ file, line, name, outcome, by }));
  writeFileSync(join(scratch, 'verdicts.json'), `${JSON.stringify(lines, null, 1)}\n`);
  const reasons = readReasons();
  stdout.write(`${summarize(verdicts, reasons)}\n`);
  const complaints = complaintsOf(verdicts, reasons, all);
  for (const complaint of complaints) say(complaint);
  return complaints.length === 0 ? 0 : 1;
}

exit(await main());
