/** What the verdicts add up to, beside the reasons that are committed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './compiler.ts';
import type { Verdict } from './kill.ts';

/** bench/mutants.json: why no test can tell the mutant, or why none does. */
export interface Reason {
  mutant: string;
  reason: string;
  /** True where nobody could tell it: it counts neither as killed nor as a survivor. */
  equivalent: boolean;
}

const leastShare = 0.95;

export function readReasons(): Map<string, Reason> {
  const file = join(root, 'bench', 'mutants.json');
  const reasons = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Reason[]) : [];
  return new Map(reasons.map((reason) => [reason.mutant, reason]));
}

const isKilled = ({ outcome }: Verdict) => outcome === 'killed' || outcome === 'timeout';

/** By file: how many mutants there are, and how many are killed. */
export function summarize(verdicts: Verdict[], reasons: Map<string, Reason>): string {
  const files = [...new Set(verdicts.map(({ mutant }) => mutant.file))].sort();
  const row = (name: string, of: Verdict[]) => {
    const equivalent = of.filter(
      (verdict) => !isKilled(verdict) && reasons.get(verdict.mutant.name)?.equivalent,
    ).length;
    const killed = of.filter(isKilled).length;
    const share = of.length === equivalent ? '' : `${((100 * killed) / (of.length - equivalent)).toFixed(1)} %`;
    return `${name.padEnd(48)}${`${killed} of ${of.length - equivalent}`.padStart(14)}${share.padStart(9)}`;
  };
  return [
    ...files.map((file) =>
      row(
        file,
        verdicts.filter(({ mutant }) => mutant.file === file),
      ),
    ),
    row('all', verdicts),
  ].join('\n');
}

export function complaintsOf(verdicts: Verdict[], reasons: Map<string, Reason>, all: boolean): string[] {
  const survivors = verdicts.filter((verdict) => !isKilled(verdict));
  const equivalent = survivors.filter(({ mutant }) => reasons.get(mutant.name)?.equivalent).length;
  const share = (verdicts.length - survivors.length) / (verdicts.length - equivalent || 1);
  const complaints = survivors
    .filter(({ mutant }) => !reasons.has(mutant.name))
    .map(({ mutant, outcome }) => `${outcome}: ${mutant.file}:${mutant.line} ${mutant.name}`);
  for (const verdict of verdicts.filter(isKilled)) {
    if (!reasons.has(verdict.mutant.name)) continue;
    complaints.push(`killed by "${verdict.by}", yet bench/mutants.json has a reason for it: ${verdict.mutant.name}`);
  }
  const names = new Set(verdicts.map(({ mutant }) => mutant.name));
  for (const name of all ? reasons.keys() : []) {
    if (!names.has(name)) complaints.push(`bench/mutants.json has a reason for a mutant that is gone: ${name}`);
  }
  if (share < leastShare) complaints.push(`${(100 * share).toFixed(1)} % are killed, ${100 * leastShare} % must be.`);
  return complaints;
}
