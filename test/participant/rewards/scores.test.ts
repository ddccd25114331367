/** Scores that were revealed, as their reader finds them at peers. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { emptyRewardsState } from '../../../client/chain/rewardState.ts';
import { emptyState } from '../../../client/chain/rounds.ts';
import { toHex } from '../../../client/core/hash.ts';
import { scoresRoot, scoresToBytes } from '../../../client/core/rewards/scores.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import { createScoresCollector, scoresPath } from '../../../client/participant/rewards/scores.ts';

const evaluator = developmentWallet(1).address;
const other = developmentWallet(2).address;
const aggregator = developmentWallet(3).address;
const round = 7;
const salt = new Uint8Array(32).fill(5);
const scores = Int16Array.of(-3, 200);
const root = scoresRoot(salt, scores);
const entry = { evaluator, salt: toHex(salt), scores: toHex(scoresToBytes(scores)) };

describe('scores at a peer', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  /** What the reader makes of the evaluator's document. */
  async function found(document: unknown) {
    const server = http.createServer((request, response) => {
      response.statusCode = request.url === scoresPath(round) ? 200 : 404;
      response.end(JSON.stringify(document));
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const [state, rewards, documents] = [emptyState(), emptyRewardsState(), new Map<string, () => unknown>()];
    state.endpoints.set(evaluator, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    rewards.revealed.set(round, new Map([[evaluator, root]]));
    const { read } = createScoresCollector({
      federation: { state },
      rewards: { state: rewards },
      account: aggregator,
      rewardParametersOf: () => ({ publishSeconds: 40 }),
      documents,
      signal: new AbortController().signal,
    } as never);
    return { opened: await read(round, evaluator, root), served: documents.get(scoresPath(round))?.() };
  }

  it('count for nothing under another evaluator, with another root, or beside what is no entry', async () => {
    for (const wrong of [
      [{ ...entry, evaluator: other }],
      [{ ...entry, salt: toHex(root) }],
      [{ ...entry, scores: '0x' }],
      [entry, { ...entry, evaluator: `${evaluator}0` }],
      [{ ...entry, evaluator: evaluator.slice(2) }],
      {},
    ]) {
      expect(await found(wrong)).to.deep.equal({ opened: undefined, served: undefined });
    }
  });

  it('are of their evaluator in whatever case it is written, and served as EIP-55 has it', async () => {
    for (const written of [evaluator, evaluator.toLowerCase(), `0x${evaluator.slice(2).toUpperCase()}`]) {
      const { opened, served } = await found([{ ...entry, evaluator: written }]);
      expect(opened, written).to.deep.equal({ evaluator, salt, scores });
      expect(served).to.deep.equal([entry]);
    }
  });
});
