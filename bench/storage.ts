/**
 * The data plane between processes: `node bench/storage.ts`. One process puts and serves, others fetch over HTTP.
 * Prints milliseconds (median) and MB/s for a 400 KB update, a 7 MB model fetched by 1 and by 7 at once, and 100 MB.
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CID } from 'multiformats/cid';
import { openEmbeddedStore } from '../client/storage/embedded.ts';

interface Task {
  cids: string[];
  endpoint: string;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** A fetching process: answers each task with how long every blob took. */
async function fetchTasks(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const store = await openEmbeddedStore({ folder });
  process.on('message', async ({ cids, endpoint }: Task) => {
    const taken: number[] = [];
    for (const cid of cids) {
      const options = { maxBytes: 2 ** 28, signal: AbortSignal.timeout(60_000), peers: [endpoint] };
      taken.push(await milliseconds(() => store.get(CID.parse(cid), options)));
    }
    process.send!(taken);
  });
  process.on('disconnect', () => rm(folder, { recursive: true }));
  process.send!('ready');
}

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const store = await openEmbeddedStore({ folder, listen: {} });
  const fetchers = Array.from({ length: 7 }, () => fork(fileURLToPath(import.meta.url), ['fetch']));
  const reply = (fetcher: (typeof fetchers)[number]) =>
    new Promise<number[]>((resolve) => fetcher.once('message', (taken) => resolve(taken as number[])));
  await Promise.all(fetchers.map(reply));

  async function run(name: string, bytes: number, blobs: number, atOnce: number): Promise<void> {
    const cids: string[] = [];
    const puts: number[] = [];
    for (let index = 0; index < blobs; index++) {
      const blob = randomBytes(bytes);
      puts.push(await milliseconds(async () => cids.push((await store.put(blob)).toString())));
    }
    const gets = await Promise.all(
      fetchers.slice(0, atOnce).map((fetcher) => {
        fetcher.send({ cids, endpoint: store.endpoint! } satisfies Task);
        return reply(fetcher);
      }),
    );
    const [put, get] = [median(puts), median(gets.flat())];
    const rate = (taken: number) => (bytes / taken / 1000).toFixed(0);
    console.log(`${name}: put ${put.toFixed(1)} ms (${rate(put)} MB/s), get ${get.toFixed(1)} ms (${rate(get)} MB/s)`);
  }
  await run('warm-up, 7 at once', 2_000_000, 5, 7);
  await run('400 KB, 1 fetching', 400_000, 20, 1);
  await run('7 MB, 1 fetching', 7_000_000, 5, 1);
  await run('7 MB, 7 fetching at once', 7_000_000, 5, 7);
  await run('100 MB, 1 fetching', 100_000_000, 3, 1);

  for (const fetcher of fetchers) fetcher.disconnect();
  await store.close();
  await rm(folder, { recursive: true });
}

await (process.argv[2] === 'fetch' ? fetchTasks() : measure());
