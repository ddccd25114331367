/** What nodes say, as docs/providers.md has it. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { classify, type RpcFailure } from '../../client/chain/refusals.ts';

interface Row {
  node: string;
  method: string;
  failure: RpcFailure;
  kind: string;
}

function readRows(): Row[] {
  const page = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');
  const lines = page.slice(page.indexOf('## Whose words')).split('\n');
  const cells = lines.filter((line) => line.startsWith('| ')).map((line) => line.split('|').map((cell) => cell.trim()));
  return cells.slice(2).map(([, node, method, code, message, kind]) => ({
    node: node!,
    method: method || 'eth_sendRawTransaction',
    failure: { code: code ? Number(code) : undefined, message: message! },
    kind: kind!,
  }));
}

describe('what a node says when it refuses', () => {
  const rows = readRows();

  it('is known of every node and gateway that people use', () => {
    const nodes = new Set(rows.map(({ node }) => node));
    expect([...nodes]).to.include.members(
      'geth,Erigon,Nethermind,Besu,Reth,Anvil,Hardhat,bor,Arbitrum,Optimism,Sei,Infura,Alchemy,QuickNode'.split(','),
    );
  });

  it('is told by its words', () => {
    const wrong = rows.filter(({ method, failure, kind }) => classify(method, failure) !== kind);
    expect(wrong.map((row) => ({ ...row, is: classify(row.method, row.failure) }))).to.deep.equal([]);
  });

  it('is the same whatever stands around the words, and where they stand', () => {
    for (const { method, failure, kind, node } of rows) {
      const { code, message } = failure;
      const dressed: RpcFailure[] = [
        { code, message: `INTERNAL_ERROR: ${message}` },
        { code, message: `err: ${message} (supplied gas 16777216)` },
        { code, message: message!.toUpperCase() },
        { code, message: 'Invalid request', data: { reason: message } },
      ];
      for (const each of dressed) expect(classify(method, each), `${node}: ${JSON.stringify(each)}`).to.equal(kind);
    }
  });

  it('is a limit by HTTP status 429, and trouble by those of servers, whatever else it says', () => {
    expect(classify('eth_call', { status: 429, message: 'nonce too low' })).to.equal('limited');
    for (const status of [500, 502, 503, 504]) expect(classify('', { status, message: '' })).to.equal('passing');
  });
});
