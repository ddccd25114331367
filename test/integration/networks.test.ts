/** Federations whose nodes are reached in other ways than by plain HTTP on loopback. */
import http from 'node:http';
import { expect } from 'chai';
import { transact } from '../../client/chain/federation.ts';
import { createSender } from '../../client/chain/sender.ts';
import { redactUrls } from '../../client/core/redact.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { freePort } from '../chain/anvil.ts';
import { hasIpv6 } from '../storage/ipv6.ts';
import { useServers } from '../storage/servers.ts';
import { FederationRun, rounds } from './federationRun.ts';

describe('a federation across networks', () => {
  let run: FederationRun;
  const { serve } = useServers();
  beforeEach(() => {
    run = new FederationRun();
  });
  afterEach(() => run.close());

  it('goes through proxies, IPv6 and another store, whatever a stranger announces', async () => {
    await run.open();
    // a stranger announces what a cloud tells its machines, and somebody else's machine on the network
    const federation = run.federation();
    const stranger = createSender(developmentWallet(6), run.anvil.provider);
    const text = 'http://169.254.169.254 http://10.255.255.1:80';
    const { addresses } = federation;
    await transact(stranger, 'announcing', addresses.federation, 'Federation', 'announceEndpoint', [text]);
    // it cuts a path off, and knows no 100 Continue
    const port = await freePort();
    const proxy = await serve((incoming, response) => {
      const { headers, method, url = '' } = incoming;
      const target = { port, headers, method, path: url.replace('/tributary', '') };
      incoming.pipe(
        http.request(target, (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers))),
      );
    });
    const publicUrl = `${proxy}/tributary`;
    const roles = [
      run.start('aggregator', 3, '--store', 'helia', '--listen', hasIpv6 ? '[::1]:0' : '127.0.0.1:0'),
      run.start('trainer', 1, '--listen', `0.0.0.0:${port}`, '--public-url', `${publicUrl}/`),
      run.start('trainer', 2, '--listen', 'off'),
    ];
    expect(await Promise.all(roles.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    const started = await Promise.all(roles.map((role) => role.event('started')));
    expect(started.map(({ endpoint }) => endpoint).slice(1)).to.deep.equal([redactUrls(publicUrl), null]);
    expect((await federation.sync()).endpoints.get(developmentWallet(1).address)).to.equal(publicUrl);
    expect(started[0]!.endpoint).to.match(hasIpv6 ? /^\/ip6\/::1\/tcp\// : /^\/ip4\/127/);
    const served = roles[0]!.events.filter(({ event }) => event === 'fetched');
    expect(served).to.have.length(2 * rounds);
  });

  it('keeps a node that everybody reaches from asking its own machine, unless it is told to, and says so', async () => {
    await run.open();
    const everybodys = ['--public-url', 'http://8.8.8.8:4800'];
    const careful = run.start('aggregator', 3, ...everybodys);
    const told = run.start('aggregator', 4, ...everybodys, '--allow-private-peers');
    for (const account of [1, 2]) run.start('trainer', account);
    await told.event('fetched');
    const { reason } = await careful.event('unavailable');
    expect(reason).to.match(
      /127\.0\.0\.1 is an address of this very machine: it is not asked without --allow-private-peers/,
    );
    expect(careful.events.map(({ event }) => event)).not.to.include('fetched');
  });

  it('is not joined at an address that nobody can ask for', async () => {
    await run.open();
    const lost = run.start('aggregator', 3, '--listen', '0.0.0.0:0');
    expect(await lost.ended).to.equal(10);
    const { message } = await lost.event('failed');
    expect(message).to.match(/every address of this machine: give the one that others reach it by with --public-url/);
  });
});
