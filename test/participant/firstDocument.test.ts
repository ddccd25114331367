import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { firstDocument } from '../../client/participant/firstDocument.ts';
import { useServers } from '../storage/servers.ts';

describe('a document that several peers may have', () => {
  const { serve } = useServers();
  const { signal } = new AbortController();
  const limits = { maxBytes: 100, signal };
  const read = (document: unknown) => (document as { here?: string }).here;
  const giving = (document: unknown) => serve((_, response) => void response.end(JSON.stringify(document)));
  const ask = (endpoints: string[], timeoutMs = 60_000) => firstDocument(endpoints, '/x', { read, limits, timeoutMs });

  it('is had from the first that has it, past those that are gone, silent, or have something else', async () => {
    const silent = await serve(() => {});
    const html = await serve((_, response) => void response.end('<html>'));
    const one = await giving({ here: 'one' });
    expect(await ask(['http://127.0.0.1:1', html, silent, await giving({}), one])).to.equal('one');
    expect(await ask([one, await giving({ here: 'two' })])).to.equal('one');
  });

  it('is not had from nobody, nor in a form that is refused, nor when time is up', async () => {
    const refuse = () => {
      throw new TributaryError('CONFIG_INVALID', 'no');
    };
    expect(await ask([])).to.equal(undefined);
    expect(await ask([await giving({}), await serve(() => {})], 200)).to.equal(undefined);
    expect(await firstDocument([await giving({})], '/x', { read: refuse, limits, timeoutMs: 1000 })).to.equal(
      undefined,
    );
  });

  it('does not hide a defect of who reads it', async () => {
    const failing = firstDocument([await giving({})], '/x', {
      read: () => (null as never as string[])[0],
      limits,
      timeoutMs: 1000,
    });
    expect(await failing.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });
});
