/**
 * A page in Chromium: it follows a federation that runs, verifies its newest model against the chain and recomputes a round. Registered
 * where Chromium is installed, or TRIBUTARY_CHROMIUM names its binary.
 */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Browser, chromium } from 'playwright-core';
import type { FederationStatus, RecomputedRound } from '../../client/actions/index.ts';
import type { Deployment } from '../../client/chain/deployment.ts';
import { toHex } from '../../client/core/hash.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { FederationRun } from '../integration/federationRun.ts';
import { bundleForBrowser } from './bundle.ts';

const places = [process.env.TRIBUTARY_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const executablePath = places.find((path) => path !== undefined && existsSync(path));

interface Seen {
  statuses: FederationStatus[];
  round: number;
  modelRoot: string;
  dimension: number;
  recomputed: RecomputedRound;
}

if (executablePath !== undefined) {
  describe('a page', () => {
    const run = new FederationRun();
    let server: Server;
    let browser: Browser;

    before(async () => {
      const { code } = await bundleForBrowser();
      server = createServer((request, response) => {
        const isCode = request.url === '/tributary.js';
        response.setHeader('content-type', isCode ? 'text/javascript' : 'text/html');
        response.end(isCode ? code : '<!doctype html><title>Tributary</title>');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      await run.open();
    });

    after(async () => {
      await browser?.close();
      server?.close();
      await run.close();
    });

    it('follows a federation, verifies its newest model against the chain and recomputes a round', async () => {
      run.start('aggregator', 3);
      run.start('trainer', 1);
      run.start('trainer', 2);
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const deployment = readDeployment(run.file);
      const seen = (await page.evaluate(async (given: Deployment) => {
        const path = '/tributary.js';
        const tributary = (await import(path)) as typeof import('../../client/index.ts');
        const followed = await tributary.connectFederation(given);
        const signal = AbortSignal.timeout(600_000);
        const statuses: FederationStatus[] = [];
        for (;;) {
          await followed.federation.sync();
          const status = await tributary.readStatus(followed);
          statuses.push(status);
          if (status.rounds.some(({ modelRoot }) => modelRoot !== null)) break;
          signal.throwIfAborted();
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        return await tributary.fetchModel(followed, { round: 'newest', signal }, async (fetched) => ({
          statuses,
          round: fetched.round,
          modelRoot: fetched.modelRoot,
          dimension: fetched.model.length,
          recomputed: await tributary.recomputeRound(followed, fetched.round, signal),
        }));
      }, deployment as never)) as Seen;
      expect(seen.round).to.be.at.least(1);
      expect(seen.dimension).to.equal(7850);
      expect(seen.recomputed).to.include({ round: seen.round, inputs: 2, modelRoot: seen.modelRoot });
      expect(seen.recomputed.wrong).to.equal(undefined);
      const state = await run.federation().sync();
      expect(toHex(state.rounds.get(seen.round)!.proposed!.proposal.modelRoot)).to.equal(seen.modelRoot);
      // it has seen the round before it was proposed, too
      expect(seen.statuses.at(-1)!.trainers).to.have.length(2);
    });
  });
}
