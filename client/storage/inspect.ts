/** A store whose files can be looked at one by one. */
import type { CID } from 'multiformats/cid';
import type { BlobStore } from './store.ts';

/** What is wrong with a file of a blob. */
export interface Flaw {
  file: string;
  problem: 'missing' | 'damaged';
  /** The CID of what a damaged file holds instead. */
  holds?: string;
}

/** Reads, and says what it cannot. */
export interface InspectedStore extends BlobStore {
  /** Of every block of the blob; none where it is whole. */
  inspect(cid: CID): Promise<Flaw[]>;
}
