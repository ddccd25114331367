/**
 * A federation for a long time, on a chain whose blocks come by themselves, behind a node that takes on every habit in turn, while one process
 * after the other is killed: `npm run soak`. Then the same rounds again, undisturbed: the model must be the same to the bit, and so must what
 * everybody has earned.
 */
import { parseArgs } from 'node:util';
import { createRandom } from '../../client/core/random.ts';
import { habits } from '../chain/habits.ts';
import { startProxy } from '../chain/proxy.ts';
import { createKiller } from './killer.ts';
import { differences, readOutcome } from './outcome.ts';
import { SoakedFederation } from './soakedFederation.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    trainers: { type: 'string', default: '10' },
    /** Seconds between two kills. */
    kill: { type: 'string', default: '4' },
    /** Seconds that a habit lasts. */
    habit: { type: 'string', default: '20' },
    /** Seconds of a block. */
    block: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});
const size = { rounds: Number(values.rounds), trainers: Number(values.trainers), blockSeconds: Number(values.block) };
const random = createRandom('kills', values.seed);
const say = (text: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

async function disturbed() {
  const federation = await SoakedFederation.open(size);
  const proxy = await startProxy(federation.rpcUrl);
  const names = Object.keys(habits);
  let turn = 0;
  const takeOn = () => {
    const name = names[turn++ % names.length]!;
    proxy.spoil = habits[name]!(proxy);
    say(`${federation.finalRounds()} rounds are final; the node's habit: ${name}`);
  };
  takeOn();
  const habit = setInterval(takeOn, 1000 * Number(values.habit));
  const killer = createKiller(federation, random, 1000 * Number(values.kill));
  try {
    federation.startAll(proxy.url);
    await federation.allFinal();
    killer.stop();
    proxy.spoil = () => undefined;
    await federation.ended();
    return {
      outcome: await readOutcome(federation),
      kills: killer.kills(),
      memory: killer.memory(),
      flaws: federation.flaws(),
    };
  } finally {
    clearInterval(habit);
    killer.stop();
    await federation.close();
    await proxy.stop();
  }
}

async function undisturbed() {
  const federation = await SoakedFederation.open(size);
  try {
    federation.startAll(federation.rpcUrl);
    await federation.allFinal();
    await federation.ended();
    return await readOutcome(federation);
  } finally {
    await federation.close();
  }
}

const startedAt = Date.now();
const soaked = await disturbed();
const soakedSeconds = (Date.now() - startedAt) / 1000;
say(
  `${size.rounds} rounds in ${soakedSeconds.toFixed(0)} s with ${soaked.kills} kills; memory at most: ${soaked.memory}`,
);
const quietAt = Date.now();
const quiet = await undisturbed();
say(`${size.rounds} rounds undisturbed in ${((Date.now() - quietAt) / 1000).toFixed(0)} s`);
const wrong = [...soaked.flaws, ...differences(quiet, soaked.outcome)];
for (const line of wrong) say(`WRONG: ${line}`);
say(
  wrong.length === 0 ? `the same model, ${quiet.modelRoot}, and the same rewards` : `${wrong.length} things are wrong`,
);
process.exit(wrong.length === 0 ? 0 : 1);
