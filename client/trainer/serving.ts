/** Moves updates from the outbox to the store, which serves them, when their rounds take no more submissions. */
import type { CID } from 'multiformats/cid';
import { allSubmitted, documentEndpointsOf, type Round, type Submission } from '../chain/rounds.ts';
import { digestOfCid } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { equalBytes, toHex } from '../core/hash.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import type { Participant } from '../participant/participant.ts';
import { createForgetter } from '../participant/rounds/updates.ts';
import { authorizeUpload, isNeeded } from '../participant/rounds/uploads.ts';
import { buildDag } from '../storage/dag.ts';
import { pushBlob } from '../storage/peer.ts';
import type { Outbox } from './outbox.ts';

/** A step. Errors of it: those of the store; STORE_UNREACHABLE (retryable) where this process serves nobody and no aggregator takes the update. */
export function createServing(node: Participant, outbox: Outbox): () => Promise<void> {
  const { federation, account, report, signal } = node;
  const forgetOldUpdates = createForgetter(node, account);

  async function serve(): Promise<void> {
    for (const number of await outbox.rounds()) {
      const round = federation.state.rounds.get(number);
      const submission = round?.submissions.get(account);
      if (round === undefined || !windowClosed(round)) continue;
      if (submission !== undefined && !round.voided) await serveUpdate(round, submission);
      await outbox.remove(number);
    }
    await forgetOldUpdates();
  }

  /** Nothing is served under a round but what the chain holds of it. */
  async function serveUpdate(round: Round, submission: Submission): Promise<void> {
    const bytes = await readSubmitted(round, submission);
    if (bytes === undefined) return;
    const cid = await node.store.put(bytes);
    // nobody takes what nobody needs any more
    if (node.store.endpoint === undefined && isNeeded(round, submission)) await push(cid, bytes);
    report({ event: 'served', round: round.number, cid: cid.toString() });
  }

  /** Undefined where the outbox holds other bytes, which are set aside, or damaged ones. */
  async function readSubmitted({ number }: Round, submission: Submission): Promise<Uint8Array | undefined> {
    const bytes = await outbox.read(number);
    if (bytes === undefined) return undefined;
    const dag = await buildDag(bytes).catch(() => undefined);
    if (dag !== undefined && equalBytes(digestOfCid(dag.root), submission.cid)) return bytes;
    const problem = `the chain has the digest ${toHex(submission.cid)} for round ${number}, which its bytes do not have: another process has submitted with this key, or it was changed`;
    await outbox.setAside(number, problem);
    return undefined;
  }

  /** A trainer that serves nobody hands its update to every aggregator it can reach. */
  async function push(cid: CID, bytes: Uint8Array): Promise<void> {
    const authorization = await authorizeUpload(
      node.addresses,
      digestOfCid(cid),
      (text) => node.sender.sign(text),
      node.sender.isContract ? account : undefined,
    );
    const { aggregators } = federation.state;
    const urls = [...aggregators].flatMap((aggregator) => documentEndpointsOf(federation.state, aggregator));
    const limits = { authorization, signal: withFetchTimeout(signal), reach: node.reach };
    const pushed = await Promise.allSettled(urls.map((url) => pushBlob(url, cid, bytes, limits)));
    if (pushed.some(({ status }) => status === 'fulfilled')) return;
    throw new TributaryError(
      'STORE_UNREACHABLE',
      `None of ${urls.length} aggregators takes the update: let this process serve it, with --listen.`,
      { retryable: true, cause: pushed.find(({ status }) => status === 'rejected') },
    );
  }

  function windowClosed(round: Round): boolean {
    const deadlinePassed = federation.chainTime() >= round.submissionDeadline;
    return allSubmitted(round) || round.proposed !== undefined || round.skipped || round.voided || deadlinePassed;
  }

  return serve;
}
