/**
 * Compares Slither's findings with the verdicts in .ci/slither.json: node .ci/judge-slither.js <findings.json>
 * A finding is known by its detector and the function or variable that it is about, so that it stays known when lines move.
 */
import { readFileSync } from 'node:fs';

const { unused, verdicts } = JSON.parse(readFileSync(new URL('slither.json', import.meta.url), 'utf8'));
const { results } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
if (results?.detectors === undefined) {
  console.error('Slither found nothing at all: it did not run. Run .ci/slither with its output shown.');
  process.exit(1);
}

const found = new Map();
for (const finding of results.detectors) {
  if (finding.check in unused) continue;
  const key = `${finding.check}: ${subjectOf(finding.elements[0])}`;
  if (!found.has(key)) found.set(key, finding.description.trim());
}
const judged = new Set(verdicts.flatMap(({ check, where }) => where.map((subject) => `${check}: ${subject}`)));
const wrong = [
  ...[...found]
    .filter(([key]) => !judged.has(key))
    .map(([key, text]) => `no verdict in .ci/slither.json on ${key}\n  ${text}`),
  ...[...judged]
    .filter((key) => !found.has(key))
    .map((key) => `.ci/slither.json judges what Slither no longer finds: ${key}`),
];
for (const line of wrong) console.error(line);
console.log(`Slither: ${found.size} findings, ${judged.size} verdicts.`);
process.exit(wrong.length === 0 ? 0 : 1);

/** `Stake.slash`, or `Stake._writeHistory`, without its arguments. */
function subjectOf(element) {
  const parents = [];
  for (let at = element; at !== undefined && at.type !== undefined; at = at.type_specific_fields?.parent) {
    if (at.type === 'function' || at.type === 'contract' || at.type === 'variable' || at.type === 'event')
      parents.unshift(at.name);
  }
  return parents.join('.');
}
