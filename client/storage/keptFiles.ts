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

/** Undefined where there is none of that name. */
export async function readJson(files: KeptFiles, name: string): Promise<unknown> {
  const bytes = await files.read(name);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}

/** Whole and durable when it answers, or not there. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function writeJson(files: KeptFiles, name: string, value: unknown): Promise<void> {
  await files.write(name, new TextEncoder().encode(JSON.stringify(value)));
}

/** For what runs where nothing can be kept, such as a page that only watches. */
export function keepInMemory(): KeptFiles {
  const files = new Map<string, Uint8Array>();
  return {
    read: async (name) => files.get(name)?.slice(),
    async write(name, bytes) {
      files.set(name, bytes.slice());
    },
    async remove(name) {
      files.delete(name);
    },
    names: async () => [...files.keys()],
  };
}
