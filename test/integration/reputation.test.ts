/** Past scores weigh the mean, in processes of their own: a trainer on false labels counts less, and who passes that over is refuted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openFederation } from '../../client/chain/federation.ts';
import { openRewards } from '../../client/chain/rewards.ts';
import { proposedRounds, standingSubmissions } from '../../client/chain/rounds.ts';
import { dataDescriptionSchema } from '../../client/core/data/description.ts';
import { concatBytes } from '../../client/core/hash.ts';
import { type Reputations, weigh } from '../../client/core/rewards/reputations.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { createLedger } from '../../client/participant/rewards/ledger.ts';
import { createReputationsReader } from '../../client/participant/rewards/reputations.ts';
import { loadData } from '../../client/training/data/source.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun } from './federationRun.ts';

/** Enough for the rewards of the first ones to be final. */
const wanted = 10;
const rounds = ['--rounds', String(wanted)];
const liar = 6;
const cheat = 3;
const honest = 4;
const floor = 0.2;
/** The bundled digits, and the files of the trainer on false labels. */
const digits = dataDescriptionSchema.parse({
  kind: 'vectors',
  shape: [1, 28, 28],
  range: [0, 255],
  classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
});
const addressOf = (account: number) => developmentWallet(account).address;

describe('reputation', () => {
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    // few rounds in flight, so that scores weigh soon; no second bond for the cheat, with which it could come back
    const choices = { startTrainers: 3, ringSize: 3, reputationFloor: floor };
    await run.open(choices, { [cheat]: 1000 }, {}, [], { data: digits });
    const funded = await tributary([
      ...['fund', '1000', '--deployment', run.file],
      ...['--dev-account', '0', '--json'],
    ]);
    expect(funded.code, funded.stderr).to.equal(0);
  });
  afterEach(() => run.close());

  /** Digits, each called the next one. */
  async function mislabelledSource(): Promise<string> {
    const own = await loadData('mnist:3/10', { inputShape: [784], classes: 10 });
    const [images, labels] = [join(run.folder, 'images'), join(run.folder, 'labels')];
    const pixels = Uint8Array.from(own.features, (value) => Math.round(255 * value));
    writeFileSync(images, concatBytes(header(0x803, own.count, 28, 28), pixels));
    const wrong = Uint8Array.from(own.labels, (label) => (label + 1) % 10);
    writeFileSync(labels, concatBytes(header(0x801, own.count), wrong));
    return `idx:${images},${labels}`;
  }

  async function stateNow() {
    const deployment = readDeployment(run.file);
    const federation = openFederation(run.anvil.provider, deployment, deployment.deployBlock);
    const rewards = openRewards(run.anvil.provider, deployment, deployment.deployBlock);
    await Promise.all([federation.sync(), rewards.sync()]);
    return {
      state: federation.state,
      readReputations: createReputationsReader({ rewards, ledger: createLedger({ rewards }) }),
    };
  }

  function factor(reputations: Reputations, account: number): number {
    return weigh(reputations, addressOf(account), 10_000) / 10_000;
  }

  it('weighs trainers less whose updates were bad, and nobody attests the inputs of an aggregator that passes it over', async () => {
    const watchtower = run.start('watchtower', 5, ...rounds);
    const evaluator = run.start('evaluator', 7, '--source', 'mnist:1/10?set=heldOut', ...rounds);
    await evaluator.event('joined');
    const adversary = run.start('adversary', cheat, '--attack', 'reputation', '--attack-round', '1', ...rounds);
    await adversary.event('joined');
    const aggregator = run.start('aggregator', honest, ...rounds);
    run.start('trainer', 1, ...rounds);
    run.start('trainer', 2, ...rounds);
    run.start('trainer', liar, '--source', await mislabelledSource(), ...rounds);

    const { round, did } = await adversary.event('cheated');
    expect(did).to.include('passed over the reputation');
    expect(await adversary.event('refused')).to.include({ round, by: 'TooFewAttestations' });
    expect(await Promise.all([aggregator, watchtower].map(({ ended }) => ended))).to.deep.equal([0, 0]);

    const { state, readReputations } = await stateNow();
    expect(state.rounds.get(Number(round))!.proposed).to.not.equal(undefined);
    expect(proposedRounds(state).filter(({ final }) => final).length, 'all rounds are final').to.be.at.least(wanted);
    expect([...state.rounds.values()].flatMap(({ earlierEditions }) => earlierEditions)).to.deep.equal([]);
    const last = proposedRounds(state).at(-1)!;
    const reputations = (await readReputations(last.proposed.proposal.reputations))!;
    const weights = standingSubmissions(last).map(({ trainer, weight }) => weigh(reputations, trainer, weight));
    expect(last.proposed.proposal.totalWeight).to.equal(weights.reduce((sum, weight) => sum + weight, 0));
    expect(factor(reputations, liar)).to.be.below(floor + 0.05);
    for (const good of [1, 2]) expect(factor(reputations, good)).to.be.above(floor + 0.1);
  });
});

function header(...words: number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, index) => {
    bytes.setUint32(4 * index, word);
  });
  return new Uint8Array(bytes.buffer);
}
