/** Small files that outlive the process: what was promised on chain, and must be found again. */
export interface KeptFiles {
  /**
   * Undefined where there is none of that name, or none that is whole: that one is set aside.
   * Errors: FILE_UNREADABLE (retryable), FOLDER_NOT_WRITABLE.
   */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Whole and durable when it answers, or not there. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removing what is not there does nothing. */
  remove(name: string): Promise<void>;
  /** Without those that were set aside. */
  names(): Promise<string[]>;
  /** Nobody reads it any more; that, and `problem`, are said. Errors: FOLDER_NOT_WRITABLE. */
  setAside(name: string, problem: string): Promise<void>;
  /** There was a file of this name, and it was set aside. */
  wasSetAside(name: string): Promise<boolean>;
}

/** A file that was set aside or given up. */
export interface Damage {
  /** Path of the file. */
  file: string;
  /** What is wrong with it, as a part of a sentence. */
  problem: string;
  /** Where it is now; null where nothing of it was worth keeping. */
  keptAs: string | null;
}

/**
 * What `parse` makes of the document; undefined where there is none of that name, or none that `parse` takes: that one is set aside.
 * Errors: those of `KeptFiles.read`.
 */
export async function readJson<T = unknown>(
  files: KeptFiles,
  name: string,
  parse: (document: unknown) => T = (document) => document as T,
): Promise<T | undefined> {
  const bytes = await files.read(name);
  if (bytes === undefined) return undefined;
  let document: T;
  try {
    document = parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    await files.setAside(name, error instanceof Error ? error.message : String(error));
    return undefined;
  }
  return document;
}

/** Whole and durable when it answers, or not there. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function writeJson(files: KeptFiles, name: string, value: unknown): Promise<void> {
  await files.write(name, new TextEncoder().encode(JSON.stringify(value)));
}

/** For what runs where nothing can be kept, such as a page that only watches. */
export function keepInMemory(): KeptFiles {
  const files = new Map<string, Uint8Array>();
  const aside = new Set<string>();
  return {
    read: async (name) => files.get(name)?.slice(),
    async write(name, bytes) {
      files.set(name, bytes.slice());
    },
    async remove(name) {
      files.delete(name);
    },
    names: async () => [...files.keys()],
    async setAside(name) {
      if (files.delete(name)) aside.add(name);
    },
    wasSetAside: async (name) => aside.has(name),
  };
}
