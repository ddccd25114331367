/** Slow peers: the next is asked beside them, the first good answer counts, and who failed lately is asked later. */
import { once } from 'node:events';
import { expect } from 'chai';
import { leafBytes } from '../../client/core/cid.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { createGateways } from '../../client/storage/gateways.ts';
import { hedged } from '../../client/storage/hedge.ts';
import { patienceOf } from '../../client/storage/source.ts';
import { limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { holding, useServers } from './servers.ts';

describe('a slow peer', () => {
  const { serve } = useServers();
  const bytes = Buffer.alloc(3 * leafBytes + 5, 9);
  const soon = () => limits({ signal: AbortSignal.timeout(10_000) });

  it('does not keep anybody waiting, is told to stop, and is asked last from then on', async () => {
    const { root, blocks } = await buildDag(bytes);
    let asked = 0;
    let hasStopped: Promise<unknown> | undefined;
    const silent = await serve((_, response) => {
      asked++;
      hasStopped = once(response, 'close');
    });
    const quick = await serve(holding(blocks));
    const store = openGatewayStore({ gateways: [silent, quick] });
    const startedAt = performance.now();
    expect(Buffer.from(await store.get(root, soon())).equals(bytes)).to.equal(true);
    expect(performance.now() - startedAt).to.be.below(5000);
    await hasStopped;
    expect(asked).to.equal(1);
    await store.get(root, soon());
    expect(asked).to.equal(1);
  });

  it('that starts and stops in the middle of a block is overtaken too', async () => {
    const { root, blocks } = await buildDag(bytes);
    const stalling = await serve((_, response) => void response.writeHead(200, { 'content-length': 90 }).write('a'));
    const store = openGatewayStore({ gateways: [stalling, await serve(holding(blocks))] });
    expect(Buffer.from(await store.get(root, soon())).equals(bytes)).to.equal(true);
  });

  it('is waited for where it is the only one that has it', async () => {
    const { root, blocks } = await buildDag(Buffer.from('a blob'));
    const slow = await serve((request, response) => void setTimeout(() => holding(blocks)(request, response), 1500));
    const empty = await serve(holding([]));
    const orders = [[slow], [slow, empty], [empty, slow]];
    const got = await Promise.all(orders.map((gateways) => openGatewayStore({ gateways }).get(root, soon())));
    expect(got.map(({ length }) => length)).to.deep.equal([6, 6, 6]);
  });

  it('is not overtaken by who lies', async () => {
    const { root, blocks } = await buildDag(Buffer.from('a blob'));
    const slow = await serve((request, response) => void setTimeout(() => holding(blocks)(request, response), 1500));
    const lying = await serve((_, response) => void response.end('a lie!'));
    expect(Buffer.from(await openGatewayStore({ gateways: [slow, lying] }).get(root, soon())).toString()).to.equal(
      'a blob',
    );
  });

  it('ends with all others when time is up, and when it is told to', async () => {
    const { root } = await buildDag(Buffer.from('a blob'));
    const silent = await serve(() => {});
    const store = openGatewayStore({ gateways: [silent, await serve(() => {})] });
    await expectError(() => store.get(root, limits({ signal: AbortSignal.timeout(1300) })), 'BLOB_UNAVAILABLE');
    const stop = new AbortController();
    const task = store.get(root, limits({ signal: stop.signal }));
    stop.abort();
    await expectError(() => task, 'ABORTED');
  });
});

describe('the order of peers', () => {
  const [first, second, third] = ['http://a.example', 'http://b.example', 'http://c.example'] as const;
  const all = [first, second, third];

  it('is the given one, each once, with those that failed lately behind', () => {
    const gateways = createGateways();
    const names = () =>
      gateways.sources([first, 'x', '/ip4/1.2.3.4/tcp/1', ...all, `${second}/`]).map(({ name }) => name);
    expect(names()).to.deep.equal(all);
    gateways.sources([first])[0]!.judge!(false, 10);
    expect(names()).to.deep.equal([second, third, first]);
    gateways.sources([second])[0]!.judge!(false, 10);
    expect(names()).to.deep.equal([third, first, second]);
    gateways.sources([first])[0]!.judge!(true, 10);
    expect(names()).to.deep.equal([first, third, second]);
  });

  it('asks the name and the address of this machine where `localhost` is given', () => {
    const names = createGateways()
      .sources(['http://localhost:8081/x/'])
      .map(({ name }) => name);
    expect(names).to.deep.equal(['http://localhost:8081/x', 'http://127.0.0.1:8081/x']);
  });

  it('gives each about a second, and more where blocks usually take longer', () => {
    const [source] = createGateways().sources([first]);
    expect(patienceOf(source!)).to.equal(1000);
    for (let count = 0; count < 30; count++) source!.judge!(true, 2000);
    expect(patienceOf(source!)).to.be.within(3900, 4000);
    for (let count = 0; count < 30; count++) source!.judge!(true, 60_000);
    expect(patienceOf(source!)).to.equal(5000);
    for (let count = 0; count < 60; count++) source!.judge!(true, 5);
    expect(patienceOf(source!)).to.equal(1000);
  });
});

describe('a hedged request', () => {
  const { signal } = new AbortController();
  const rest = { patienceMs: () => 5, timeoutMs: 60_000, signal };
  /** Never answers, until it is stopped. */
  const forever = (stopped: AbortSignal) =>
    new Promise<never>((_, reject) => stopped.addEventListener('abort', reject));

  it('asks nobody but the first where that is quick, and all of those that it needs at once otherwise', async () => {
    for (const [quick, wants] of [
      ['a', ['a']],
      ['c', ['a', 'b', 'c']],
    ] as const) {
      const asked: string[] = [];
      const given = await hedged(['a', 'b', 'c', 'd'], {
        ...rest,
        patienceMs: () => (quick === 'a' ? 60_000 : 5),
        ask: ({ source, signal: stopped }) => {
          asked.push(source);
          return source === quick ? Promise.resolve(source) : forever(stopped);
        },
        onFailure: () => undefined,
      });
      expect([given!.answer, asked]).to.deep.equal([quick, wants]);
    }
  });

  it('blames those that were asked before, and not those that were asked after', async () => {
    const blamed: string[] = [];
    let answer = (_: string) => {};
    const given = await hedged(['a', 'b', 'c'], {
      ...rest,
      ask: ({ source, signal: stopped }) => {
        if (source === 'c') answer('b');
        return source === 'b' ? new Promise((resolve) => (answer = resolve)) : forever(stopped);
      },
      onFailure: ({ source }) => void blamed.push(source),
    });
    expect([given!.answer, given!.attempt.source, blamed]).to.deep.equal(['b', 'b', ['a']]);
  });

  it('asks who has nothing yet again while another is still at it, and no longer', async () => {
    for (const [isEarly, wants] of [
      [true, 'late'],
      [false, undefined],
    ] as const) {
      let asked = 0;
      const given = await hedged(['empty', 'waiting'], {
        ...rest,
        timeoutMs: 500,
        isEarly: () => isEarly,
        ask: ({ source, signal: stopped }) => {
          if (source === 'waiting') return forever(stopped);
          return ++asked === 3 ? Promise.resolve('late') : Promise.reject(new Error('nothing yet'));
        },
        onFailure: () => undefined,
      });
      expect([given?.answer, asked]).to.deep.equal([wants, isEarly ? 3 : 1]);
    }
    let alone = 0;
    const ask = () => Promise.reject(new Error(`nothing ${++alone}`));
    expect(await hedged(['empty'], { ...rest, isEarly: () => true, ask, onFailure: () => undefined })).to.equal(
      undefined,
    );
    expect(alone).to.equal(1);
  });

  it('gives nothing where all fail, or there is nobody, and says why each did', async () => {
    const reasons: unknown[] = [];
    const onFailure = (_: unknown, reason: unknown) => void reasons.push((reason as Error).message);
    const ask = async ({ source }: { source: string }) => Promise.reject(new Error(`no ${source}`));
    expect(await hedged(['a', 'b'], { ...rest, ask, onFailure })).to.equal(undefined);
    expect(reasons).to.deep.equal(['no a', 'no b']);
    expect(await hedged([], { ...rest, ask, onFailure })).to.equal(undefined);
    reasons.length = 0;
    const hangs = {
      ...rest,
      timeoutMs: 10,
      onFailure,
      ask: ({ signal: stopped }: { signal: AbortSignal }) => forever(stopped),
    };
    expect(await hedged(['a'], hangs)).to.equal(undefined);
    expect(reasons).to.deep.equal(['no answer within 0.01 s']);
  });
});
