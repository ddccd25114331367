/**
 * An evaluator's scores of each proposal, with the salt that hides them. They are on disk before they are committed to: whatever
 * happens then, the very same can be revealed.
 */
import { z } from 'zod/v4';
import { fromHex, type Hash, toHex } from '../core/hash.ts';
import { bytesToScores, scoresToBytes } from '../core/rewards/scores.ts';
import { parseWith } from '../core/task.ts';
import { type KeptFiles, readJson, writeJson } from '../storage/keptFiles.ts';
import type { Findings } from './score.ts';

export interface Ballot {
  round: number;
  /** When the scored proposal was made, in seconds since 1970. */
  proposedAt: number;
  /** In the order of the scored trainers. */
  scores: Int16Array;
  salt: Hash;
  /** What is known of the trainers with this round. */
  found: Findings;
}

const ballotSchema = z.strictObject({
  round: z.int().min(1),
  proposedAt: z.int().min(0),
  scores: z.string().regex(/^0x([0-9a-f]{4})*$/),
  salt: z.string().regex(/^0x[0-9a-f]{64}$/),
  found: z.record(z.string(), z.array(z.number())).default({}),
});

export interface Ballots {
  all(): Iterable<Ballot>;
  find(round: number, proposedAt: number): Ballot | undefined;
  /** With the newest round before: a proposal that was voided is not counted with the one in its place. */
  foundBefore(round: number): Findings;
  /** Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
  write(ballot: Ballot): Promise<void>;
  forgetBefore(round: number): Promise<void>;
}

const fileName = /^\d+-\d+\.json$/;

/** A file that holds no ballot is set aside. Errors: those of `KeptFiles.read`. */
export async function openBallots(files: KeptFiles): Promise<Ballots> {
  const ballots = new Map<string, Ballot>();
  for (const name of await files.names()) {
    const ballot = fileName.test(name) ? await readJson(files, name, (document) => parse(document, name)) : undefined;
    if (ballot !== undefined) remember(ballot);
    else await files.remove(name);
  }

  function remember(ballot: Ballot): void {
    ballots.set(nameOf(ballot.round, ballot.proposedAt), ballot);
  }

  return {
    all: () => ballots.values(),
    find: (round, proposedAt) => ballots.get(nameOf(round, proposedAt)),
    foundBefore(round) {
      const earlier = [...ballots.values()].filter((ballot) => ballot.round < round);
      const [newest] = earlier.sort((a, b) => b.round - a.round || b.proposedAt - a.proposedAt);
      return newest?.found ?? new Map();
    },
    async write(ballot) {
      await writeJson(files, fileOf(nameOf(ballot.round, ballot.proposedAt)), toDocument(ballot));
      remember(ballot);
    },
    async forgetBefore(round) {
      for (const [name, ballot] of ballots) {
        if (ballot.round >= round) continue;
        ballots.delete(name);
        await files.remove(fileOf(name));
      }
    },
  };
}

function parse(document: unknown, name: string): Ballot {
  return fromDocument(parseWith(ballotSchema, document, `ballots/${name}`));
}

function nameOf(round: number, proposedAt: number): string {
  return `${round}-${proposedAt}`;
}

function fileOf(name: string): string {
  return `${name}.json`;
}

function toDocument({ scores, salt, found, ...ballot }: Ballot): z.infer<typeof ballotSchema> {
  const findings = Object.fromEntries(found) as Record<string, number[]>;
  return { ...ballot, scores: toHex(scoresToBytes(scores)), salt: toHex(salt), found: findings };
}

function fromDocument({ scores, salt, found, ...ballot }: z.infer<typeof ballotSchema>): Ballot {
  const findings = new Map(Object.entries(found));
  return { ...ballot, scores: bytesToScores(fromHex(scores)), salt: fromHex(salt), found: findings };
}
