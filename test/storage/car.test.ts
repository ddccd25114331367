/** A blob of many blocks in one answer, by whom it is given, and what remains of it where it is cut, wrong or not offered. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { CarReader } from '@ipld/car';
import { expect } from 'chai';
import { CID } from 'multiformats/cid';
import { leafBytes } from '../../client/core/cid.ts';
import { readCar } from '../../client/storage/car.ts';
import { carOf } from '../../client/storage/carWriter.ts';
import { type Block, buildDag, type Dag } from '../../client/storage/dag.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { absentCid, limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { useFolders } from './folders.ts';
import { type Behaviour, holding, useServers } from './servers.ts';

const carType = 'application/vnd.ipld.car';
/** Root first. */
const inOrder = ({ root, blocks }: Dag) =>
  [blocks.at(-1)!, ...blocks.slice(0, -1)].map((block) => ({ ...block, root }));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function carBytes(root: CID, blocks: readonly Block[]): Promise<Buffer> {
  return Buffer.concat(await all(carOf(root, blocks)));
}

describe('a blob in one answer', () => {
  const { open } = useFolders();
  const { serve } = useServers();
  const bytes = randomBytes(5 * leafBytes + 17);
  let dag: Dag;
  let asked: string[];
  before(async () => {
    dag = await buildDag(bytes);
  });
  beforeEach(() => {
    asked = [];
  });

  /** Gives single blocks, and CARs as told. */
  async function peer(giveCar: Behaviour, blocks = dag.blocks): Promise<string> {
    return await serve((request, response) => {
      if (!request.url!.includes('format=car')) return holding(blocks, asked)(request, response);
      asked.push(request.url!);
      giveCar(request, response);
    });
  }
  const formats = () => asked.map((url) => /format=(\w+)/.exec(url)![1]);
  const fetchFrom = async (...gateways: string[]) =>
    Buffer.from(await openGatewayStore({ gateways }).get(dag.root, limits())).equals(bytes);

  describe('of the embedded server', () => {
    it('is a CAR of the root and its leaves in order, as another reader reads it', async () => {
      const store = await open();
      const root = await store.put(bytes);
      const answer = await fetch(`${store.endpoint}/ipfs/${root}?format=car`);
      expect(answer.headers.get('content-type')).to.equal(`${carType}; version=1; order=dfs; dups=y`);
      const car = await CarReader.fromBytes(new Uint8Array(await answer.arrayBuffer()));
      expect((await car.getRoots()).map(String)).to.deep.equal([String(root)]);
      const cids: string[] = [];
      for await (const { cid } of car.blocks()) cids.push(String(cid));
      expect(cids).to.deep.equal(inOrder(dag).map(({ cid }) => String(cid)));
      const byHeader = await fetch(`${store.endpoint}/ipfs/${root}`, { headers: { accept: `${carType}; version=1` } });
      expect(byHeader.headers.get('etag')).to.equal(answer.headers.get('etag'));
      await byHeader.body?.cancel();
    });

    it('has a HEAD without a body, an ETag, and scopes', async () => {
      const store = await open();
      const root = await store.put(bytes);
      const url = `${store.endpoint}/ipfs/${root}?format=car`;
      const head = await fetch(url, { method: 'HEAD' });
      expect([head.status, await head.text()]).to.deep.equal([200, '']);
      const known = await fetch(url, { headers: { 'if-none-match': head.headers.get('etag')! } });
      expect(known.status).to.equal(304);
      const block = await CarReader.fromBytes(
        new Uint8Array(await (await fetch(`${url}&dag-scope=block`)).arrayBuffer()),
      );
      expect((await all(block.blocks())).map(({ cid }) => String(cid))).to.deep.equal([String(root)]);
      expect((await fetch(`${store.endpoint}/ipfs/${await absentCid()}?format=car`)).status).to.equal(404);
      const leaf = await store.put(Buffer.from('one leaf'));
      const one = await CarReader.fromBytes(
        new Uint8Array(await (await fetch(`${store.endpoint}/ipfs/${leaf}?format=car`)).arrayBuffer()),
      );
      expect((await all(one.blocks())).map(({ bytes: block }) => Buffer.from(block).toString())).to.deep.equal([
        'one leaf',
      ]);
    });

    it('breaks off where a leaf may not be served', async () => {
      const store = await open({ mayServe: (cid) => !cid.equals(dag.blocks[2]!.cid) });
      const root = await store.put(bytes);
      const answer = await fetch(`${store.endpoint}/ipfs/${root}?format=car`);
      expect(answer.status).to.equal(200);
      expect(
        await answer.arrayBuffer().then(
          () => 'whole',
          () => 'cut',
        ),
      ).to.equal('cut');
    });
  });

  it('is taken from who offers it, after the root', async () => {
    const car = await carBytes(dag.root, inOrder(dag));
    const url = await peer((_, response) => void response.writeHead(200, { 'content-type': carType }).end(car));
    expect(await fetchFrom(url)).to.equal(true);
    expect(formats()).to.deep.equal(['raw', 'car']);
  });

  it('may have equal leaves once, or as often as they stand', async () => {
    const same = await buildDag(Buffer.alloc(4 * leafBytes + 1, 1));
    const [root, ...leaves] = inOrder(same);
    for (const given of [
      [root!, leaves[0]!, leaves[4]!],
      [root!, ...leaves],
    ]) {
      const car = await carBytes(same.root, given);
      asked = [];
      const url = await peer(
        (_, response) => void response.writeHead(200, { 'content-type': carType }).end(car),
        same.blocks,
      );
      const got = await openGatewayStore({ gateways: [url] }).get(same.root, limits());
      expect(got.every((byte) => byte === 1)).to.equal(true);
      expect(formats()).to.deep.equal(['raw', 'car']);
    }
  });

  for (const [name, giveCar] of [
    ['answers 404', (_, response) => void response.writeHead(404).end()],
    ['answers 406', (_, response) => void response.writeHead(406).end('no CARs')],
    ['answers 400', (_, response) => void response.writeHead(400).end()],
    ['answers 500', (_, response) => void response.writeHead(500).end()],
    [
      'answers with a page',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    ],
    ['closes the connection', (request) => void request.socket.destroy()],
    [
      'gives nonsense',
      (_, response) => void response.writeHead(200, { 'content-type': carType }).end(randomBytes(999)),
    ],
    ['gives nothing', (_, response) => void response.writeHead(200, { 'content-type': carType }).end()],
  ] as [string, Behaviour][]) {
    it(`is fetched block by block from who ${name}`, async () => {
      expect(await fetchFrom(await peer(giveCar))).to.equal(true);
      expect(formats()).to.deep.equal(['raw', 'car', ...new Array(6).fill('raw')]);
    });
  }

  it('is not asked for again, for a while, from who does not offer it', async () => {
    const url = await peer((_, response) => void response.writeHead(406).end());
    const store = openGatewayStore({ gateways: [url] });
    await store.get(dag.root, limits());
    await store.get(dag.root, limits());
    expect(formats().filter((format) => format === 'car')).to.have.lengthOf(1);
  });

  for (const [name, spoil] of [
    ['is cut', (car: Buffer) => car.subarray(0, 3.5 * leafBytes)],
    [
      'goes on with other bytes',
      (car: Buffer) => Buffer.concat([car.subarray(0, 3.5 * leafBytes), randomBytes(2 * leafBytes)]),
    ],
    ['goes on with a block that is not asked for', undefined],
  ] as const) {
    it(`that ${name} is kept as far as it was right, and the rest is fetched by blocks`, async () => {
      const [root, ...leaves] = inOrder(dag);
      const stranger = (await buildDag(randomBytes(50))).blocks[0]!;
      const car = await carBytes(
        dag.root,
        spoil ? inOrder(dag) : [root!, ...leaves.slice(0, 3), stranger, ...leaves.slice(3)],
      );
      const given = spoil?.(car) ?? car;
      const url = await peer((_, response) => {
        response.writeHead(200, { 'content-type': carType });
        response.write(given, () => void setImmediate(() => response.destroy()));
      });
      expect(await fetchFrom(url)).to.equal(true);
      expect(formats()).to.deep.equal(['raw', 'car', 'raw', 'raw', 'raw']);
      const later = leaves.slice(3).map(({ cid }) => String(cid));
      for (const cid of later) expect(asked.join(' ')).to.include(cid);
    });
  }

  it('that stalls is finished from others', async () => {
    const car = (await carBytes(dag.root, inOrder(dag))).subarray(0, 2.5 * leafBytes);
    const stalling = await peer(
      (_, response) => void response.writeHead(200, { 'content-type': carType }).write(car),
      [dag.blocks.at(-1)!],
    );
    const elsewhere: string[] = [];
    const whole = await serve(holding(dag.blocks, elsewhere));
    expect(await fetchFrom(stalling, whole)).to.equal(true);
    expect(elsewhere).to.have.lengthOf(4);
  });

  it('that a peer breaks off for good is resumed when it is asked for again', async () => {
    const [root, ...leaves] = dag.blocks.toReversed();
    const car = (await carBytes(dag.root, inOrder(dag))).subarray(0, 3.5 * leafBytes);
    const cutting = await peer(
      (_, response) => {
        response.writeHead(200, { 'content-type': carType });
        response.write(car, () => response.destroy());
      },
      [root!],
    );
    const store = openGatewayStore({ gateways: [cutting] });
    await expectError(() => store.get(dag.root, limits()), 'BLOB_UNAVAILABLE');
    const elsewhere: string[] = [];
    const rest = await serve(holding(leaves, elsewhere));
    const got = await store.get(dag.root, limits({ peers: [rest] }));
    expect(Buffer.from(got).equals(bytes)).to.equal(true);
    // the root and the first leaves were here
    expect(elsewhere).to.have.lengthOf(3);
    await expectError(() => store.get(dag.root, limits({ maxBytes: 10, peers: [rest] })), 'BLOB_TOO_LARGE');
  });

  it('is refused by its size before it is asked for', async () => {
    const url = await peer((_, response) => void response.writeHead(500).end());
    const small = limits({ maxBytes: bytes.length - 1 });
    await expectError(() => openGatewayStore({ gateways: [url] }).get(dag.root, small), 'BLOB_TOO_LARGE');
    expect(formats()).to.deep.equal(['raw']);
  });

  it('does not go on for ever with what is here already', async () => {
    const [root, ...leaves] = inOrder(dag);
    const again = await carBytes(dag.root, [root!, leaves[0]!, ...new Array(20).fill(leaves[0]!)]);
    let closed: Promise<unknown> | undefined;
    const url = await peer((_, response) => {
      closed = once(response, 'close');
      response.writeHead(200, { 'content-type': carType }).write(again);
    });
    expect(await fetchFrom(url)).to.equal(true);
    await closed;
    expect(formats()).to.deep.equal(['raw', 'car', ...new Array(5).fill('raw')]);
  });
});

describe('a CAR file', () => {
  async function* inPieces(file: Uint8Array, size: number) {
    for (let offset = 0; offset < file.length; offset += size) yield file.subarray(offset, offset + size);
  }
  const read = (file: Uint8Array, size = 1000) => all(readCar(inPieces(file, size)));

  it('is read whatever pieces it comes in', async () => {
    const dag = await buildDag(randomBytes(leafBytes + 300));
    const file = await carBytes(dag.root, inOrder(dag));
    for (const size of [7, 1000, file.length]) {
      const blocks = await read(file, size);
      expect(
        blocks.map(({ cid }) => String(cid)),
        `${size}`,
      ).to.deep.equal(inOrder(dag).map(({ cid }) => String(cid)));
      expect(Buffer.concat(blocks.slice(1).map(({ bytes }) => bytes))).to.have.lengthOf(leafBytes + 300);
    }
  });

  it('is refused where a section is empty, longer than any block, or breaks off, and where a CID is none', async () => {
    const { root, blocks } = await buildDag(randomBytes(99));
    const file = await carBytes(root, blocks);
    const isRefused = (task: Promise<unknown>) =>
      task.then(
        () => false,
        () => true,
      );
    for (const spoilt of [
      Buffer.concat([file, Buffer.of(0)]),
      Buffer.concat([file, Buffer.of(0xff, 0xff, 0xff, 0x7f)]),
      Buffer.concat([file, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)]),
      Buffer.concat([file, Buffer.of(3, 9, 9, 9)]),
      file.subarray(0, -1),
      Buffer.concat([file, Buffer.of(0x80)]),
    ]) {
      expect(await isRefused(read(spoilt))).to.equal(true);
    }
    expect(await read(file)).to.have.lengthOf(1);
    expect(await read(Buffer.alloc(0))).to.deep.equal([]);
    expect(CID.asCID((await read(file))[0]!.cid)!.equals(root)).to.equal(true);
  });
});
