/** Which of the addresses that strangers announce are asked, however they are spelled and whatever leads to them. */
import { promisify } from 'node:util';
import { expect } from 'chai';
import { request } from '../../client/storage/httpNode.ts';
import { lookupWithin } from '../../client/storage/lookup.ts';
import { isAddressWithin, resolvesWithin } from '../../client/storage/multiaddr.ts';
import { pushBlob } from '../../client/storage/peer.ts';
import { isUnspecified, isWithin, type Reach, type Scope, scopeOf } from '../../client/storage/reach.ts';
import { absentCid, limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { useFolders } from './folders.ts';
import { useServers } from './servers.ts';

const hosts: Record<Scope, string[]> = {
  public: [
    '8.8.8.8',
    '1.0.0.1',
    '172.32.0.1',
    '192.167.9.9',
    '100.128.0.1',
    '[2606:4700::1111]',
    '2a00::1',
    '134744072',
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '[fd12:3456::1]',
    'fc00::1',
    '0xa000001',
  ],
  loopback: [
    '127.0.0.1',
    '127.255.0.9',
    '0x7f.1',
    '2130706433',
    '017700000001',
    '127.1',
    'localhost',
    'a.b.localhost',
    'LOCALHOST.',
    '[::1]',
  ],
  nowhere: [
    '0.0.0.0',
    '0',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '192.0.2.1',
  ].concat(
    ['[::]', '[fe80::1]', 'fe80::1%eth0', '[ff02::1]', '[fec0::1]', '[2001:db8::1]', '[100::1]', '[64:ff9b:1::1]'],
    ['100.100.100.200', '168.63.129.16', '[fd00:ec2::254]'],
  ),
};
/** The same in IPv6: mapped, compatible, NAT64, 6to4. */
const carried: [string, Scope][] = [
  ['[::ffff:10.0.0.1]', 'private'],
  ['::ffff:7f00:1', 'loopback'],
  ['[::ffff:169.254.169.254]', 'nowhere'],
  ['[::ffff:8.8.8.8]', 'public'],
  ['[::127.0.0.1]', 'loopback'],
  ['[64:ff9b::192.168.0.1]', 'private'],
  ['[64:ff9b::8.8.8.8]', 'public'],
  ['[2002:7f00:0001::1]', 'loopback'],
  ['[2002:c0a8:0101::]', 'private'],
  ['[2002:0808:0808::]', 'public'],
  ['[::ffff:0.0.0.0]', 'nowhere'],
];

describe('the scope of an address', () => {
  for (const [scope, names] of Object.entries(hosts)) {
    it(`is ${scope}, however it is spelled`, () => {
      for (const name of names) expect(scopeOf(name), name).to.equal(scope);
    });
  }

  it('is that of the address of IPv4 that one of IPv6 carries', () => {
    for (const [name, scope] of carried) expect(scopeOf(name), name).to.equal(scope);
  });

  it('is not known of names, nor of what is no host', () => {
    for (const name of ['node.example', 'localhost.example', '', ':::', 'a b']) {
      expect(scopeOf(name), name).to.equal(undefined);
    }
  });

  it('is within those that are as wide', () => {
    const within = (reach: Reach) =>
      (['public', 'private', 'loopback', 'nowhere'] as const).filter((s) => isWithin(reach, s));
    expect(within('public')).to.deep.equal(['public']);
    expect(within('private')).to.deep.equal(['public', 'private']);
    expect(within('loopback')).to.deep.equal(['public', 'private', 'loopback']);
    expect(within('anywhere')).to.have.lengthOf(4);
  });

  it('is unspecified in every spelling', () => {
    for (const host of ['0.0.0.0', '0', '0x0', '::', '[::]', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0']) {
      expect(isUnspecified(host), host).to.equal(true);
    }
    for (const host of ['127.0.0.1', '::1', 'localhost', 'node.example'])
      expect(isUnspecified(host), host).to.equal(false);
  });
});

describe('an address out of reach', () => {
  const { signal } = new AbortController();
  const { serve } = useServers();
  const { open } = useFolders();

  async function reasonOf(task: Promise<unknown>): Promise<string> {
    return await task.then(
      () => 'it was asked',
      (error: Error) => error.message,
    );
  }

  it('is not asked, whatever is asked of it and however it is spelled', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end();
    });
    const { port } = new URL(url);
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      'localhost',
      'x.localhost',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ]) {
      for (const reach of ['public', 'private'] as const) {
        const body = Uint8Array.of(1);
        for (const more of [{}, { body }]) {
          const reason = await reasonOf(request(`http://${host}:${port}/`, { signal, reach, ...more }));
          expect(reason, host).to.match(/it is not asked without --allow-private-peers$/);
        }
      }
    }
    expect(asked).to.equal(0);
    expect((await request(url, { signal, reach: 'loopback' })).status).to.equal(200);
  });

  it('is not asked on a connection that another question has left open', async () => {
    const url = await serve((_, response) => void response.end('here'));
    await (await request(url, { signal })).read(10);
    expect(await reasonOf(request(url, { signal, reach: 'public' }))).to.match(/not asked/);
  });

  it('is none of the metadata of a cloud, even for who may ask its own machine', async () => {
    for (const host of ['169.254.169.254', '[fd00:ec2::254]', '100.100.100.200']) {
      expect(await reasonOf(request(`http://${host}/`, { signal, reach: 'loopback' })), host).to.match(
        /no address of a peer/,
      );
    }
  });

  it('is found out when a name is resolved, which is when it is connected to', async () => {
    const lookup = (name: string, reach: Reach) => promisify(lookupWithin(reach))(name, {});
    expect(await reasonOf(lookup('localhost', 'public'))).to.match(
      /^localhost, which is (127\.|::1).* is an address of this very machine/,
    );
    expect(await reasonOf(lookup('cid.ipfs.localhost', 'private'))).to.match(/not asked/);
    expect(await lookup('cid.ipfs.localhost', 'loopback')).to.match(/^(127\.|::1)/);
  });

  it('is not where a redirect leads', async () => {
    const location = 'http://127.0.0.1:1/';
    const url = await serve((_, response) => void response.writeHead(302, { location }).end());
    expect(await reasonOf(request(url, { signal }))).to.match(
      /it redirects to http:\/\/127\.0\.0\.1:1, which is not followed/,
    );
  });

  it('is none that a store asks, nor one that an update is handed to', async () => {
    const author = await open();
    const cid = await author.put(Uint8Array.of(1, 2, 3));
    const far = await open({ reach: 'public' });
    const error = await expectError(() => far.get(cid, limits({ peers: [author.endpoint!] })), 'BLOB_UNAVAILABLE');
    expect(error.message).to.match(/an address of this very machine: it is not asked/);
    const near = await open({ reach: 'loopback' });
    expect(await near.get(cid, limits({ peers: [author.endpoint!] }))).to.have.lengthOf(3);
    const options = { authorization: 'x', signal, reach: 'public' as const };
    const refusal = await expectError(
      async () => pushBlob(author.endpoint!, await absentCid(), Uint8Array.of(1), options),
      'STORE_UNREACHABLE',
    );
    expect(refusal.message).to.match(/not asked/);
  });

  it('is none that is dialled by its multiaddr', async () => {
    for (const [address, scope] of [
      ['/ip4/127.0.0.1/tcp/1', 'loopback'],
      ['/ip6/fd00::1/tcp/1', 'private'],
      ['/ip4/8.8.8.8/tcp/1/p2p/x', 'public'],
    ] as const) {
      for (const reach of ['public', 'private', 'loopback', 'anywhere'] as const) {
        expect(isAddressWithin(reach, address), `${address} ${reach}`).to.equal(isWithin(reach, scope));
        expect(await resolvesWithin(reach, address)).to.equal(isWithin(reach, scope));
      }
    }
    expect(isAddressWithin('public', '/dnsaddr/node.example')).to.equal(false);
    expect(await resolvesWithin('public', '/dns4/localhost/tcp/1')).to.equal(false);
  });
});
