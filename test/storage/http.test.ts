/** What both transports behind `#http` promise (client/storage/http.ts): the same cases against each. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { RequestHttp } from '../../client/storage/http.ts';
import { request as byFetch } from '../../client/storage/httpFetch.ts';
import { request as byNode } from '../../client/storage/httpNode.ts';

const body = Buffer.from(Array.from({ length: 100 }, (_, index) => index));

for (const [name, request] of [
  ['node:http', byNode],
  ['fetch', byFetch],
] as [string, RequestHttp][]) {
  describe(`HTTP by ${name}`, () => {
    let server: http.Server;
    let url: string;
    let respond: http.RequestListener;
    before(async () => {
      server = http.createServer((incoming, outgoing) => respond(incoming, outgoing));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => server.close().closeAllConnections());

    const { signal } = new AbortController();
    const get = (headers?: Record<string, string>) => request(`${url}/here`, { signal, ...(headers && { headers }) });
    const declared: http.RequestListener = (_, outgoing) =>
      outgoing.writeHead(200, { 'content-length': body.length }).end(body);
    const undeclared: http.RequestListener = (_, outgoing) => {
      outgoing.write(body.subarray(0, 40));
      outgoing.end(body.subarray(40));
    };
    /** Resolves when the client has closed the connection of an answer that goes on. */
    function answerOnAndOn(headers: http.OutgoingHttpHeaders): Promise<unknown> {
      return new Promise((resolve) => {
        respond = (_, outgoing) => {
          outgoing.on('close', resolve).writeHead(200, headers).write(body);
        };
      });
    }

    async function expectFailure(task: Promise<unknown>): Promise<void> {
      const outcome = await task.then(
        () => 'an answer',
        () => 'none',
      );
      expect(outcome).to.equal('none');
    }

    it('fails where nobody listens, and where the answer is no HTTP', async () => {
      await expectFailure(request('http://127.0.0.1:1/', { signal }));
      respond = (_, outgoing) => void outgoing.socket!.end('nonsense');
      await expectFailure(get());
    });

    it('does not follow a redirect to another', async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const asked: unknown[] = [];
        respond = (incoming, outgoing) => {
          asked.push(incoming.url);
          outgoing.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end();
        };
        await expectFailure(get());
        expect(asked).to.deep.equal(['/here']);
      }
    });

    it('gives a body as it comes, no more than the cap, and says what it is', async () => {
      for (respond of [declared, undeclared]) {
        const parts: Uint8Array[] = [];
        for await (const chunk of (await get()).chunks(100)) parts.push(chunk);
        expect(Buffer.concat(parts).equals(body)).to.equal(true);
        const { chunks } = await get();
        await expectFailure(
          chunks(99)
            .next()
            .then(() => chunks(99).next()),
        );
      }
      respond = (_, outgoing) => outgoing.writeHead(200, { 'content-type': 'Text/HTML; charset=utf-8' }).end();
      expect((await get()).type).to.equal('text/html');
    });

    it('reads no body above the cap that its header declares, and closes the connection', async () => {
      const closed = answerOnAndOn({ 'content-length': 101 });
      expect(await (await get()).read(100)).to.equal(undefined);
      await closed;
    });

    it('reads no body above the cap that no header declares, and closes the connection', async () => {
      const closed = answerOnAndOn({});
      expect(await (await get()).read(99)).to.equal(undefined);
      await closed;
    });

    it('reads no more than there is room for', async () => {
      for (respond of [declared, undeclared]) {
        expect(await (await get()).read(100, new Uint8Array(99))).to.equal(undefined);
      }
    });

    it('fails where the body breaks off', async () => {
      respond = (_, outgoing) => {
        outgoing.writeHead(200, { 'content-length': 101 }).write(body, () => outgoing.destroy());
      };
      await expectFailure(get().then(({ read }) => read(200)));
    });

    it('stops when it is told to: before, while it waits, and while it reads', async () => {
      respond = declared;
      await expectFailure(request(url, { signal: AbortSignal.abort() }));
      const waiting = new AbortController();
      respond = () => waiting.abort();
      await expectFailure(request(url, { signal: waiting.signal }));
      const reading = new AbortController();
      const closed = answerOnAndOn({ 'content-length': 101 });
      const { read } = await request(url, { signal: reading.signal });
      const all = read(200);
      reading.abort();
      await expectFailure(all);
      await closed;
    });

    it('does not wait for a body whose connection has ended before it is read', async () => {
      const stop = new AbortController();
      const closed = answerOnAndOn({ 'content-length': 101 });
      const { read } = await request(url, { signal: stop.signal });
      stop.abort();
      await closed;
      await expectFailure(read(200));
    });

    it('tells the status, whatever it is, and reads what is said with it', async () => {
      for (const status of [200, 404, 410, 500]) {
        respond = (_, outgoing) => outgoing.writeHead(status).end('a reason');
        const answer = await get();
        expect(answer.status).to.equal(status);
        expect(Buffer.from((await answer.read(100))!).toString()).to.equal('a reason');
      }
    });

    it('reads a body up to the cap, and an empty one, with its length declared or not', async () => {
      for (respond of [declared, undeclared]) {
        for (const cap of [100, 101]) {
          expect(Buffer.from((await (await get()).read(cap))!).equals(body), `${cap}`).to.equal(true);
        }
      }
      respond = (_, outgoing) => outgoing.end();
      expect(await (await get()).read(0)).to.have.lengthOf(0);
      respond = (_, outgoing) => outgoing.writeHead(204).end();
      expect(await (await get()).read(5)).to.have.lengthOf(0);
    });

    it('fills the room that it is given, without a copy', async () => {
      for (respond of [declared, undeclared]) {
        const room = new Uint8Array(120);
        const into = room.subarray(10, 115);
        const read = (await (await get()).read(105, into))!;
        expect([read.buffer === room.buffer, read.byteOffset, read.length]).to.deep.equal([true, 10, 100]);
        expect(Buffer.from(room.subarray(10, 110)).equals(body)).to.equal(true);
        expect([...room.subarray(0, 10), ...room.subarray(110)]).to.deep.equal(new Array(20).fill(0));
      }
    });

    it('asks by GET with its headers, and hands in a body by PUT', async () => {
      const heard: unknown[] = [];
      respond = async (incoming, outgoing) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        const { authorization, 'content-length': length } = incoming.headers;
        heard.push([incoming.method, authorization, length, Buffer.concat(chunks).toString('hex')]);
        outgoing.writeHead(201).end();
      };
      await (await get({ authorization: 'one' })).read(0);
      const headers = { authorization: 'two' };
      // a part of what lies in memory
      const answer = await request(url, { signal, headers, body: body.subarray(3, 5) });
      expect(answer.status).to.equal(201);
      expect(await answer.read(0)).to.have.lengthOf(0);
      expect(heard).to.deep.equal([
        ['GET', 'one', undefined, ''],
        ['PUT', 'two', '2', '0304'],
      ]);
    });
  });
}
