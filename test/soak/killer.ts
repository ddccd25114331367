/** Kills one process after the other, whatever it is doing, and looks at how much memory each takes before. */
import { readFileSync } from 'node:fs';
import type { Random } from '../../client/core/random.ts';
import { hasEnded } from '../processGroup.ts';
import type { SoakedFederation } from './soakedFederation.ts';

export function createKiller({ members }: SoakedFederation, random: Random, everyMs: number) {
  let kills = 0;
  const most = new Map<string, number>();

  const timer = setInterval(() => {
    const running = members.filter((member) => !hasEnded(member.running.child));
    for (const {
      role,
      running: { child },
    } of running)
      most.set(role, Math.max(most.get(role) ?? 0, residentMb(child.pid!)));
    const victim = running.length > 0 ? running[random.below(running.length)] : undefined;
    if (victim === undefined) return;
    kills++;
    void victim.running.kill();
  }, everyMs);

  return {
    kills: () => kills,
    /** The most that a process of each role took, in MB. */
    memory: () => [...most].map(([role, mb]) => `${role} ${mb} MB`).join(', '),
    stop: () => clearInterval(timer),
  };
}

/** 0 where it has ended meanwhile. */
function residentMb(pid: number): number {
  try {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kb ?? 0) / 1024);
  } catch {
    return 0;
  }
}
