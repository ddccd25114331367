/** Compares a data folder with the chain: what its account has submitted, and what the folder holds of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Followed } from '../../actions/connect.ts';
import type { Round, Submission } from '../../chain/rounds.ts';
import { cidFromDigest, digestOfCid } from '../../core/cid.ts';
import { equalBytes } from '../../core/hash.ts';
import { updateBytes } from '../../core/numbers.ts';
import { isNeeded } from '../../participant/rounds/uploads.ts';
import { DurableBlockstore } from '../../storage/blocks.ts';
import { buildDag } from '../../storage/dag.ts';
import { contentOf } from '../../storage/pinned.ts';
import { unseal } from '../../storage/seal.ts';
import type { FolderExamination } from './folder.ts';
import { namesIn } from './keptFiles.ts';
import { countGoodInPlace, type Problem } from './report.ts';

const lostMeans =
  'the round is made without it where nobody else holds it: start the trainer with the folder that has it, or put that back from a backup';

/** `account` is whose folder it is. Errors: CHAIN_UNREACHABLE. */
export async function compareWithChainInPlace(
  found: FolderExamination,
  { federation, rewards }: Followed,
  account: string,
): Promise<void> {
  const { dimension } = await federation.readTask();
  for (const round of federation.state.rounds.values()) {
    const submission = round.submissions.get(account);
    if (submission === undefined || !isNeeded(round, submission)) continue;
    const problem = await findSubmitted(found, round, submission, updateBytes(dimension));
    if (problem === undefined) countGoodInPlace(found, 'submitted update');
    else found.problems.push(problem);
  }
  const ballots = await namesIn(join(found.folder, 'ballots'));
  for (const [round, committed] of rewards.state.committed) {
    if (!committed.has(account) || rewards.state.revealed.get(round)?.has(account)) continue;
    if (round <= rewards.state.finalRound || rewards.state.forfeited.get(round)?.has(account)) continue;
    if (ballots.some((name) => name.startsWith(`${round}-`) && name.endsWith('.json'))) continue;
    const means = 'the scores cannot be revealed, which costs a part of the stake: put the ballot back from a backup';
    found.problems.push({
      kind: 'ballot',
      file: join(found.folder, 'ballots'),
      problem: `there is none of round ${round}, to which the account has committed`,
      means,
    });
  }
}

async function findSubmitted(
  { folder }: FolderExamination,
  { number }: Round,
  { cid }: Submission,
  bytes: number,
): Promise<Problem | undefined> {
  const blocks = new DurableBlockstore(join(folder, 'blobs', 'blocks'), join(folder, 'blobs', 'aside'));
  if (await isStored(blocks, cidFromDigest(cid, bytes))) return undefined;
  const file = join(folder, 'outbox', `${number}.update`);
  const update = await readFile(file).then(unseal, () => undefined);
  const kind = 'update';
  if (update === undefined) {
    const problem = `the account has submitted to round ${number}, and neither outbox nor store has the update`;
    return { kind, file, problem, means: lostMeans };
  }
  const dag = await buildDag(update).catch(() => undefined);
  if (dag !== undefined && equalBytes(digestOfCid(dag.root), cid)) return undefined;
  const problem = `the chain has other bytes for round ${number}`;
  return { kind, file, problem, means: `it is never served, and ${lostMeans}`, remedy: 'setAside' };
}

async function isStored(blocks: DurableBlockstore, cid: ReturnType<typeof cidFromDigest>): Promise<boolean> {
  const content = await contentOf(blocks, cid);
  if (content === undefined) return false;
  for (const name of content.keys()) {
    const block = blocks.cidOf(name);
    if (block === undefined || (await blocks.readVerified(block)) === undefined) return false;
  }
  return true;
}
