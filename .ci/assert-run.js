/** Asserts the summary, the last line of `npm start -- --json`: node .ci/assert-run.js <file> <least final accuracy> [rounds] */
import { readFileSync } from 'node:fs';

const [file, leastAccuracy, wanted = '5'] = process.argv.slice(2);
const rounds = Number(wanted);
const lines = readFileSync(file, 'utf8').trim().split('\n');
const summary = JSON.parse(lines.at(-1));
const final = summary.accuracy.at(-1);
const verified = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'verified').length;
console.log(
  `${summary.trainers} trainers, ${summary.rounds} rounds: accuracy ${summary.accuracy.map((share) => (100 * share).toFixed(1)).join(' ')} %, ` +
    `${summary.wallSeconds.toFixed(1)} s, ${summary.gasPerSubmission} gas a submission, model ${summary.modelRoot}`,
);
const wrong = [
  summary.rounds === rounds || `ended after ${summary.rounds} rounds, not ${rounds}`,
  summary.accuracy.length === summary.rounds || 'an accuracy for each round is missing',
  final >= Number(leastAccuracy) || `the final accuracy is ${final}, below ${leastAccuracy}`,
  verified >= summary.rounds || `the watchtower verified ${verified} proposals only`,
  summary.rewards.finalRound === rounds || `rewards are final up to round ${summary.rewards.finalRound} only`,
  summary.rewards.earned.length > summary.trainers || 'not everybody has an account of rewards',
  /^0x[0-9a-f]{64}$/.test(summary.modelRoot) || 'there is no model root',
].filter((claim) => claim !== true);
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
