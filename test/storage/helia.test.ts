import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openHeliaStore } from '../../client/storage/helia.ts';
import { itKeepsPins, itKeepsTheContract, limits } from './contract.ts';
import { expectError } from './expectError.ts';

async function openPair() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
  const author = await openHeliaStore({ folder: join(folder, 'author') });
  const reader = await openHeliaStore({ folder: join(folder, 'reader') });
  const close = async () => {
    await Promise.all([author.close(), reader.close()]);
    await rm(folder, { recursive: true });
  };
  return { author, reader, close };
}

describe('a Helia store', () => {
  itKeepsTheContract(openPair);
  itKeepsPins(openPair);

  describe('that dials a peer', () => {
    /** What the peer hears when it asks back for a blob, on the only connection there is. */
    async function askBack(listen: string[], timeoutMs: number) {
      const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
      const dialling = await openHeliaStore({ folder: join(folder, 'dialling'), listen });
      const peer = await openHeliaStore({ folder: join(folder, 'peer') });
      try {
        const theirs = await peer.put(Uint8Array.of(1));
        expect(await dialling.get(theirs, limits({ peers: [peer.endpoint!] }))).to.have.lengthOf(1);
        const ours = await dialling.put(Uint8Array.of(2, 3));
        expect(await dialling.has(ours)).to.equal(true);
        const answer = peer.get(ours, limits({ signal: AbortSignal.timeout(timeoutMs) }));
        return { endpoint: dialling.endpoint, answer: await answer.catch((error: unknown) => error) };
      } finally {
        await Promise.all([dialling.close(), peer.close()]);
        await rm(folder, { recursive: true });
      }
    }

    it('serves it nothing where it listens nowhere, and has no endpoint', async () => {
      const { endpoint, answer } = await askBack([], 500);
      expect(endpoint).to.equal(undefined);
      await expectError(() => Promise.reject(answer), 'BLOB_UNAVAILABLE');
    });

    it('serves it on the same connection otherwise', async () => {
      const { endpoint, answer } = await askBack(['/ip4/127.0.0.1/tcp/0'], 10_000);
      expect(endpoint).to.match(/^\/ip4\/127\.0\.0\.1\/tcp\//);
      expect(Buffer.from(answer as Uint8Array).toString('hex')).to.equal('0203');
    });
  });
});
