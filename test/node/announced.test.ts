/** What a node says of where it is, and which kinds of addresses of others it asks for that. */
import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { announcedAddresses } from '../../client/node/announced.ts';
import { multiaddrOf, parseListen } from '../../client/node/listen.ts';
import { type NodeOptions, parseNodeOptions } from '../../client/node/options.ts';
import { decideReach, readerReach } from '../../client/node/peerReach.ts';

const optionsOf = (given: Partial<NodeOptions>) => parseNodeOptions({ deployment: 'd.json', data: 'd', ...given });
const announced = (given: Partial<NodeOptions>) => announcedAddresses(optionsOf(given));

describe('--public-url', () => {
  const [one, two, tcp] = [
    'https://node.example/tributary',
    'http://[2001:4860::1]:4800',
    '/dns4/node.example/tcp/4001',
  ];

  for (const wrong of [
    'node.example',
    'ftp://node.example',
    'https://node.example/?a=b',
    'https://node.example/#part',
    'https://name:word@node.example',
    'https://node.example/a https://b.example',
    'http://0.0.0.0:4800',
    'http://[::]:4800',
    '/ip4/0.0.0.0/tcp/1',
    '/unix/socket',
    '',
  ]) {
    it(`is not "${wrong}"`, () => {
      expect(() => optionsOf({ publicUrl: [wrong] })).to.throw(
        TributaryError,
        /option\.publicUrl\.0: a base URL such as/,
      );
    });
  }

  it('is no more than a store can have, of its kinds', () => {
    for (const [store, publicUrl] of [
      ['embedded', [one, two]],
      ['embedded', [tcp]],
      ['kubo', [one, two, one]],
      ['kubo', [tcp, one]],
      ['helia', [one, two]],
      ['helia', [tcp, tcp]],
    ] as const) {
      expect(() => announced({ store, publicUrl: [...publicUrl] })).to.throw(
        TributaryError,
        /option\.publicUrl: give one/,
      );
    }
    for (const kuboGateway of ['http://0.0.0.0:8080', 'http://[::]:8080', '/ip4/1.2.3.4/tcp/1', 'gateway']) {
      expect(() => optionsOf({ kuboGateway })).to.throw(TributaryError, /option\.kuboGateway: an address such as/);
    }
    expect(() => announced({ listen: 'off', publicUrl: [one] })).to.throw(TributaryError, /serves nobody/);
  });

  it('is where blobs and documents are said to be', () => {
    const kuboGateway = 'http://10.0.0.1:8080';
    for (const [given, blobs, documents] of [
      [{}, undefined, undefined],
      [{ publicUrl: [one] }, one, one],
      [{ publicUrl: [`${one}//`] }, one, one],
      [{ store: 'helia', publicUrl: [tcp, one] }, tcp, one],
      [{ store: 'helia', publicUrl: [one] }, undefined, one],
      [{ store: 'kubo' }, 'http://127.0.0.1:8080', undefined],
      [{ store: 'kubo', listen: 'off' }, undefined, undefined],
      [{ store: 'kubo', kuboGateway, publicUrl: [one] }, kuboGateway, one],
      // a gateway on loopback is none to those elsewhere
      [{ store: 'kubo', publicUrl: [one] }, one, one],
      [{ store: 'kubo', publicUrl: ['http://127.0.0.1:9'] }, 'http://127.0.0.1:8080', 'http://127.0.0.1:9'],
      [{ store: 'kubo', kuboGateway, publicUrl: [one, two] }, one, two],
    ] as [Partial<NodeOptions>, string | undefined, string | undefined][]) {
      const { blobs: ofBlobs, documents: ofDocuments } = announced(given);
      expect([ofBlobs, ofDocuments], JSON.stringify(given)).to.deep.equal([blobs, documents]);
    }
  });
});

describe('--listen', () => {
  it('takes addresses of either kind, and names', () => {
    expect(parseListen('off')).to.equal(undefined);
    expect(parseListen('[::1]:4800')).to.deep.equal({ host: '::1', port: 4800 });
    const asMultiaddr = (text: string) => multiaddrOf(parseListen(text)!);
    expect(asMultiaddr('127.0.0.1:0')).to.equal('/ip4/127.0.0.1/tcp/0');
    expect(asMultiaddr('[::1]:1')).to.equal('/ip6/::1/tcp/1');
    expect(asMultiaddr('node:2')).to.equal('/dns/node/tcp/2');
  });
});

describe('the addresses that a node asks', () => {
  const [local, near, far] = ['http://127.0.0.1:8545', 'http://10.1.2.3:8545', 'https://8.8.8.8'];

  it('are of the kind at which it can be reached itself', async () => {
    for (const [given, rpcUrl, reach] of [
      // a run on one machine
      [{}, local, 'loopback'],
      [{ listen: '[::1]:0' }, 'http://localhost:8545', 'loopback'],
      [{ listen: 'off' }, local, 'loopback'],
      [{ store: 'kubo' }, local, 'loopback'],
      [{ store: 'helia' }, local, 'loopback'],
      // loopback is where a node serves that nobody has told anything
      [{}, far, 'public'],
      [{ listen: 'off' }, far, 'public'],
      [{ listen: 'off' }, near, 'private'],
      // a network of one's own
      [{ listen: '10.0.0.7:4800' }, far, 'private'],
      [{ listen: '10.0.0.7:4800' }, local, 'private'],
      [{ listen: '[fd00::7]:4800' }, far, 'private'],
      [{ listen: '0.0.0.0:4800', publicUrl: ['http://192.168.0.9:4800'] }, local, 'private'],
      // everybody's
      [{ publicUrl: ['https://1.1.1.1/tributary'] }, local, 'public'],
      [{ listen: '8.8.4.4:4800' }, local, 'public'],
      [{ store: 'helia', publicUrl: ['/ip4/8.8.8.8/tcp/1'] }, local, 'public'],
      [{ store: 'kubo', kuboGateway: 'http://8.8.8.8:8080' }, local, 'public'],
      [{ publicUrl: ['https://no-such-host.invalid'] }, local, 'public'],
      [{ publicUrl: ['http://169.254.1.1'] }, local, 'public'],
      // told so
      [{ publicUrl: ['https://1.1.1.1'], allowPrivatePeers: true }, far, 'anywhere'],
    ] as [Partial<NodeOptions>, string, string][]) {
      expect(await decideReach(optionsOf(given), rpcUrl), `${JSON.stringify(given)} ${rpcUrl}`).to.equal(reach);
    }
  });

  it('are of the kind of its chain where it only reads', async () => {
    expect(await Promise.all([local, near, far].map((url) => readerReach(url)))).to.deep.equal([
      'loopback',
      'private',
      'public',
    ]);
    expect(await readerReach(far, true)).to.equal('anywhere');
  });
});
