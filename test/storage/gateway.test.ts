import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { absentCid, itKeepsTheContract, limits } from './contract.ts';
import { expectError } from './expectError.ts';

async function openPair() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
  const author = await openEmbeddedStore({ folder, listen: {} });
  const reader = openGatewayStore({ gateways: [`${author.endpoint}/`] });
  const close = async () => {
    await author.close();
    await rm(folder, { recursive: true });
  };
  return { author, reader, close };
}

describe('a gateway store', () => {
  itKeepsTheContract(openPair);

  it('refuses to open without a gateway', async () => {
    await expectError(() => openGatewayStore({ gateways: ['ipfs.example'] }), 'CONFIG_INVALID');
  });

  it('only reads', async () => {
    const { reader, close } = await openPair();
    const cid = await absentCid();
    await expectError(() => reader.put(new Uint8Array(1)), 'STORE_READ_ONLY');
    await expectError(() => reader.pin(cid, limits()), 'STORE_READ_ONLY');
    await expectError(() => reader.unpin(cid), 'STORE_READ_ONLY');
    expect(await reader.has(cid)).to.equal(false);
    await close();
  });
});
