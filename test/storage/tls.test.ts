/** Peers behind TLS: they are asked, and what is wrong with their certificate is said. */
import tls from 'node:tls';
import { expect } from 'chai';
import { buildDag } from '../../client/storage/dag.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { fetchDocument, pushBlob } from '../../client/storage/peer.ts';
import { describeTlsFailure } from '../../client/storage/tlsFailure.ts';
import { authority, certificates, key } from './certificates.ts';
import { limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { holding, useServers } from './servers.ts';

describe('a peer behind TLS', () => {
  const { serve, serveByTls } = useServers();
  const { signal } = new AbortController();
  const bytes = Buffer.from('a blob');
  const known = tls.getCACertificates('default');
  before(() => tls.setDefaultCACertificates([...known, authority]));
  after(() => tls.setDefaultCACertificates(known));

  it('serves blobs', async () => {
    const { root, blocks } = await buildDag(bytes);
    const url = await serveByTls(holding(blocks), key, certificates.good);
    expect(Buffer.from(await openGatewayStore({ gateways: [url] }).get(root, limits())).equals(bytes)).to.equal(true);
  });

  for (const [kind, wants] of [
    ['expired', /its TLS certificate has expired/],
    ['ofAnotherName', /its TLS certificate is for another name/],
    ['selfSigned', /its TLS certificate is self-signed/],
  ] as const) {
    it(`is not trusted with a certificate that is ${kind}, and everything that is said of it names that`, async () => {
      const { root, blocks } = await buildDag(bytes);
      const url = await serveByTls(holding(blocks), key, certificates[kind]);
      for (const [task, code] of [
        [() => openGatewayStore({ gateways: [url] }).get(root, limits()), 'BLOB_UNAVAILABLE'],
        [() => fetchDocument(url, '/scores/1', { maxBytes: 10, signal }), 'BLOB_UNAVAILABLE'],
        [() => pushBlob(url, root, bytes, { authorization: 'x', signal }), 'STORE_UNREACHABLE'],
      ] as const) {
        expect((await expectError(task, code)).message).to.match(wants);
      }
    });
  }

  it('that does not speak it is named so too', async () => {
    const { root } = await buildDag(bytes);
    const url = (await serve((_, response) => void response.end())).replace('http:', 'https:');
    const error = await expectError(
      () => openGatewayStore({ gateways: [url] }).get(root, limits()),
      'BLOB_UNAVAILABLE',
    );
    expect(error.message).to.match(/it does not speak TLS as it should/);
  });

  it('has other faults of a certificate named as such, and no other failure', () => {
    expect(describeTlsFailure('CERT_UNTRUSTED')).to.match(/cannot be verified \(CERT_UNTRUSTED\)/);
    expect(describeTlsFailure('UNABLE_TO_GET_CRL')).to.match(/cannot be verified/);
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', ''])
      expect(describeTlsFailure(code)).to.equal(undefined);
  });
});
