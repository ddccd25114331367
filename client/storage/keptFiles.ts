/** Small files that outlive the process: what was promised on chain, and must be found again. */
export interface KeptFiles {
  /** Undefined where there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Whole and durable when it answers, or not there. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removing what is not there does nothing. */
  remove(name: string): Promise<void>;
  names(): Promise<string[]>;
}

/** For what runs where nothing can be kept, such as a page that only watches. */
export function keepInMemory(): KeptFiles {
  const files = new Map<string, Uint8Array>();
  return {
    read: async (name) => files.get(name),
    async write(name, bytes) {
      files.set(name, bytes.slice());
    },
    async remove(name) {
      files.delete(name);
    },
    names: async () => [...files.keys()],
  };
}
