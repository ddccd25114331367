/** Pins the blobs of a round as soon as they can be had, and says loudly which cannot. */
import pLimit from 'p-limit';
import { isProposed, type Round } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import { type Participant, peerEndpoints } from '../participant/participant.ts';
import { membersThatAttest } from '../participant/rounds/electors.ts';
import { remakeInputs, remakeModel } from '../participant/rounds/remake.ts';
import type { RoundBlob } from '../participant/rounds/roundBlobs.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';

const fetchesAtOnce = 8;
const shortestPauseMs = 50;
const longestPauseMs = 1000;

export interface Fetching {
  /** Those that are not in the store when it answers. `isNew`: they were not looked for before. Errors: DISK_FULL and others of `BlobStore.put`. */
  pin(round: Round, blobs: readonly RoundBlob[], isNew: boolean): Promise<RoundBlob[]>;
  /** The CID of what a proposal should have named in place of this blob, where that could be made again and is pinned now. */
  remake(round: Round, blob: RoundBlob): Promise<string | undefined>;
}

/** `searchMs`: how long blobs are asked for again when they are first looked for; later once at each look. */
export function createFetching(node: Participant, searchMs = 10_000): Fetching {
  const { store, federation, account, signal, report } = node;
  const limit = pLimit(fetchesAtOnce);
  const models = createRoundModels(node);
  /** What could not be had, which is said once, and once more when its round is final. */
  const said = new Set<string>();

  async function pin(round: Round, blobs: readonly RoundBlob[], isNew: boolean): Promise<RoundBlob[]> {
    const untilMs = Date.now() + (isNew ? searchMs : 0);
    let missing = [...blobs];
    let reasons = new Map<RoundBlob, string>();
    for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      reasons = new Map();
      await Promise.all(missing.map((blob) => limit(pinOne, blob, reasons)));
      missing = missing.filter((blob) => reasons.has(blob));
      if (missing.length === 0 || signal.aborted || Date.now() + pauseMs > untilMs) break;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    for (const blob of missing) if (!signal.aborted) tell(round, blob, reasons.get(blob)!);
    return missing;
  }

  async function pinOne(blob: RoundBlob, reasons: Map<RoundBlob, string>): Promise<void> {
    const { cid, maxBytes, kind } = blob;
    try {
      if (await store.has(cid)) return;
      // those who attest an update hold it
      const first = kind === 'update' ? [...blob.first, ...membersThatAttest(node)] : blob.first;
      const peers = peerEndpoints(federation, account, first);
      await store.pin(cid, { maxBytes, signal: withFetchTimeout(signal), peers });
    } catch (error) {
      if (!isOfBlob(error)) throw error;
      reasons.set(blob, error.message);
    }
  }

  function tell({ number, final }: Round, { kind, trainer, cid, optional }: RoundBlob, reason: string): void {
    const key = `${cid} ${number} ${final}`;
    if (optional || said.has(key)) return;
    said.add(key);
    const whose = trainer === undefined ? {} : { trainer };
    report({ event: 'notArchived', round: number, what: kind, ...whose, cid: cid.toString(), final, reason });
  }

  async function remake(round: Round, { kind }: RoundBlob): Promise<string | undefined> {
    if (!isProposed(round) || (kind !== 'model' && kind !== 'inputs')) return undefined;
    try {
      const bytes = kind === 'model' ? await remakeModel(models, round) : await remakeInputs(node, models, round);
      return (await store.put(bytes)).toString();
    } catch (error) {
      if (!isOfBlob(error)) throw error;
      return undefined;
    }
  }

  return { pin, remake };
}

/** Else it is the own disk that fails, or the process that ends. */
function isOfBlob(error: unknown): error is TributaryError {
  if (!(error instanceof TributaryError)) return false;
  return error.code.startsWith('BLOB_') || error.code === 'COMMITMENT_MISMATCH' || error.code === 'STORE_UNREACHABLE';
}
