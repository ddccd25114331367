/**
 * A role without stake: it keeps what every final round was made from, for as long as it is told to, and serves it as other nodes do. What it
 * is to hold follows from the chain; what it holds stands in records on its disk. So it goes on after a restart or a reorganisation.
 */
import { openManifests } from '../chain/manifests.ts';
import { allSubmitted, finalCount, isProposed, type Round } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { decodeManifest } from '../core/task.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import { runLoops, type Step } from '../participant/loop.ts';
import type { Participant } from '../participant/participant.ts';
import { keptRounds } from '../participant/rounds/retention.ts';
import { blobsOf, manifestBlob, modelFileBlob, type RoundBlob } from '../participant/rounds/roundBlobs.ts';
import { createFetching } from './fetching.ts';
import { openRecords, type Records } from './records.ts';
import { createReleasing } from './releasing.ts';

/** Runs until the rounds asked for are final and archived, or for ever. */
export async function runArchive(node: Participant): Promise<string> {
  await runLoops(node, (working) => {
    let step: Step | undefined;
    return {
      async archiving() {
        step ??= await openArchive(working);
        return await step();
      },
    };
  });
  return 'all rounds are archived';
}

/** How long a final round is left alone of which something could not be had, doubled up to the longest, in milliseconds. */
const shortestPauseMs = 1000;
const longestPauseMs = 600_000;

/** A step. Errors: those of the store. */
export async function openArchive(
  node: Participant,
  manifests = openManifests(node.federation.provider, node.addresses, node.deployBlock, node.task.manifestCid),
  searchMs?: number,
): Promise<() => Promise<boolean>> {
  const { federation, options, store } = node;
  const records = await openRecords(await node.files('archive'));
  const fetching = createFetching(node, searchMs);
  /** Rounds all of which was there, with what they were then, and the CIDs that they need where more is held for them. */
  const done = new Map<number, { state: string; cids: ReadonlySet<string> | undefined }>();
  const release = createReleasing(node, records, (round) => done.get(round)?.cids);
  const looked = new Set<string>();
  const pauses = new Map<number, { untilMs: number; ms: number }>();

  return async () => {
    await manifests.sync();
    const rounds = [...federation.state.rounds.values()].sort((a, b) => a.number - b.number);
    const kept = keptRounds(rounds, options.keepUpdates, () => federation.chainTime());
    const wanted = rounds.filter((round) => kept.has(round.number) || isInFlight(round));
    for (const round of wanted) {
      if (done.get(round.number)?.state !== stateOf(round) && !rests(round)) await keep({ ...round });
      if (node.signal.aborted) return false;
    }
    await release(new Set(wanted.map(({ number }) => number)));
    return isOver(wanted);
  };

  function isInFlight(round: Round): boolean {
    if (round.number <= federation.state.finalRound || round.voided || round.skipped) return false;
    return isProposed(round) || allSubmitted(round) || federation.chainTime() >= round.submissionDeadline;
  }

  /** Another text where there may be other blobs to keep of it. */
  function stateOf({ proposed, edition, submissions, final }: Round): string {
    return [proposed?.id, edition, submissions.size, final].join(' ');
  }

  function rests({ number, final }: Round): boolean {
    return final && Date.now() < (pauses.get(number)?.untilMs ?? 0);
  }

  async function keep(round: Round): Promise<void> {
    const { number, final } = round;
    const blobs = await withManifest(round);
    const { lost, remade } = await fetchAll(round, blobs);
    if (final && lost.length > 0) {
      const ms = Math.min(2 * (pauses.get(number)?.ms ?? shortestPauseMs / 2), longestPauseMs);
      pauses.set(number, { untilMs: Date.now() + ms, ms });
      return;
    }
    if (lost.length > 0) return;
    const cids = new Set([...blobs.map(({ cid }) => cid.toString()), ...remade]);
    const isExact = records.get(number)!.cids.every((cid) => cids.has(cid));
    done.set(number, { state: stateOf(round), cids: isExact ? undefined : cids });
    if (final) await close(number);
  }

  /** The round is final and whole. */
  async function close(number: number): Promise<void> {
    const record = records.get(number)!;
    if (record.archived) return;
    await records.set(number, { ...record, archived: true });
    node.report({ event: 'archived', round: number, blobs: record.cids.length });
  }

  /** Those of the round, with the manifest that was in force, and the file of its model where the manifest can be read. */
  async function withManifest(round: Round): Promise<RoundBlob[]> {
    const manifest = manifestBlob(manifests.inForceIn(round.number));
    const file = await readModelFile(round, manifest);
    return [manifest, ...(file === undefined ? [] : [file]), ...blobsOf(node, round)];
  }

  async function readModelFile(round: Round, manifest: RoundBlob): Promise<RoundBlob | undefined> {
    await note(records, round.number, [manifest]);
    if ((await fetching.pin(round, [manifest], false)).length > 0) return undefined;
    const limits = { maxBytes: manifest.maxBytes, signal: withFetchTimeout(node.signal) };
    try {
      return modelFileBlob(decodeManifest(await store.get(manifest.cid, limits)));
    } catch (error) {
      // one that nobody can read names no file
      if (error instanceof TributaryError && error.code === 'CONFIG_INVALID') return undefined;
      throw error;
    }
  }

  /** `lost` could neither be had nor made again, `remade` are CIDs of what was. */
  async function fetchAll(round: Round, blobs: readonly RoundBlob[]): Promise<{ lost: RoundBlob[]; remade: string[] }> {
    const key = `${round.number} ${stateOf(round)}`;
    // those of long ago are lost, or come some time: nobody waits for them
    const isAwaited = !looked.has(key) && round.number >= federation.state.finalRound;
    await note(records, round.number, blobs);
    const missing = await fetching.pin(round, blobs, isAwaited);
    looked.add(key);
    const lost: RoundBlob[] = [];
    const remade: string[] = [];
    for (const blob of missing.filter(({ optional }) => !optional)) {
      const cid = round.final ? await fetching.remake(round, blob) : undefined;
      if (cid === undefined) lost.push(blob);
      else remade.push(cid);
    }
    await note(records, round.number, [], remade);
    return { lost, remade };
  }

  function isOver(wanted: readonly Round[]): boolean {
    if (finalCount(federation.state) < (options.rounds ?? Number.POSITIVE_INFINITY)) return false;
    return wanted.filter(({ final }) => final).every((round) => looked.has(`${round.number} ${stateOf(round)}`));
  }
}

/** Before anything of it is pinned. */
async function note(
  records: Records,
  round: number,
  blobs: readonly RoundBlob[],
  more: readonly string[] = [],
): Promise<void> {
  const { cids = [], archived = false } = records.get(round) ?? {};
  const all = new Set([...cids, ...blobs.map(({ cid }) => cid.toString()), ...more]);
  if (all.size > cids.length) await records.set(round, { cids: [...all], archived });
}
