import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { holdsCredentials, redactAll, redactUrls } from '../../client/core/redact.ts';

const key = '0123456789abcdef0123456789abcdef';

describe('an address that is said', () => {
  const secrets: [string, string][] = [
    [`https://mainnet.infura.io/v3/${key}`, 'https://mainnet.infura.io/v3/…'],
    ['https://eth-sepolia.g.alchemy.com/v2/Ab-C_dEf', 'https://eth-sepolia.g.alchemy.com/v2/…'],
    ['wss://name.quiknode.pro/s3cret/', 'wss://name.quiknode.pro/…/'],
    ['https://rpc.ankr.com/eth/topsecret', 'https://rpc.ankr.com/eth/…'],
    ['http://bob:pass@node.example:8545', 'http://…@node.example:8545'],
    ['http://bob@node.example/', 'http://…@node.example/'],
    ['http://bob:p@ss:w@node.example/rpc', 'http://…@node.example/rpc'],
    ['http://bob:p/w@node.example', 'http://…'],
    ['http://bob:p#w?x@node.example', 'http://…'],
    ['https://node.example?apikey=secret', 'https://node.example?…'],
    ['https://node.example/rpc?dkey=secret#more', 'https://node.example/rpc?…#…'],
    ['HTTPS://USER:PASS@NODE.EXAMPLE', 'HTTPS://…@NODE.EXAMPLE'],
    ['http://[::1]:8545/secret', 'http://[::1]:8545/…'],
  ];
  for (const [url, said] of secrets) {
    it(`shows no credentials: ${url}`, () => {
      expect(redactUrls(url)).to.equal(said);
      expect(redactUrls(said), 'twice').to.equal(said);
      expect(holdsCredentials(url)).to.equal(true);
      for (const [before, after] of [
        ['No chain answers at ', ': start one.'],
        ['(', ').'],
        ['"', '",'],
        ['see `', '`'],
        ['', ' and others'],
      ]) {
        expect(redactUrls(`${before}${url}${after}`)).to.equal(`${before}${said}${after}`);
      }
    });
  }

  it('stays as it is where nothing may be a key', () => {
    const cid = 'bafkreifia7hqpnwgezgz3uvbbx2clfpaak6te73s537yggqc4p4rarbfqm';
    for (const url of [
      'http://127.0.0.1:8545',
      'http://127.0.0.1:8545/',
      'https://evm-rpc.sei-apis.com',
      'https://api.avax.network/ext/bc/C/rpc',
      `http://127.0.0.1:4001/ipfs/${cid}`,
      'http://localhost:5001/api/v0',
      'no address at all: a://b',
    ]) {
      expect(redactUrls(url)).to.equal(url);
    }
  });

  it('is found wherever it stands, several times and in lists', () => {
    expect(redactUrls(`http://a:b@one.example,https://two.example/${key} http://127.0.0.1:1`)).to.equal(
      'http://…@one.example,https://two.example/… http://127.0.0.1:1',
    );
    expect(redactAll({ a: [`http://x/${key}`], b: { c: 'http://u:p@x' }, d: 1n, e: null, f: undefined })).to.deep.equal(
      {
        a: ['http://x/…'],
        b: { c: 'http://…@x' },
        d: 1n,
        e: null,
        f: undefined,
      },
    );
  });

  it('is redacted in every failure, whoever makes it', () => {
    const error = new TributaryError('CHAIN_UNREACHABLE', `No chain answers at http://u:p@host/${key}: start one.`, {
      args: { rpcUrl: `https://host/v3/${key}`, reason: `fetch http://host/${key} failed` },
    });
    expect(error.message).to.equal('No chain answers at http://…@host/…: start one.');
    expect(JSON.stringify(error.args)).not.to.include(key);
  });
});
