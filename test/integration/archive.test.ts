/** A federation whose nodes are all gone: its archive bears out every round, serves the model, and new nodes go on from it. */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { cidFromDigest } from '../../client/core/cid.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { modelBytes, updateBytes } from '../../client/core/numbers.ts';
import { DurableBlockstore } from '../../client/storage/blocks.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun, rounds } from './federationRun.ts';
import { type RoleProcess, startRole } from './processes.ts';

const archivist = 7;

describe('an archive', () => {
  let run: FederationRun;
  let archive: RoleProcess;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
    archive = run.start('archive', archivist, '--rounds', '1000');
    await archive.event('started');
    const nodes = [run.start('aggregator', 3), run.start('trainer', 1), run.start('trainer', 2)];
    expect(await Promise.all(nodes.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    await archive.event('archived', ({ round }) => round === rounds);
    for (const account of [1, 2, 3]) rmSync(join(run.folder, String(account)), { recursive: true });
  });
  afterEach(() => run.close());

  async function verify(folder: string, ...more: string[]) {
    const said = await tributary(['archive', 'verify', '--deployment', run.file, '--data', folder, ...more]);
    return { ...said, json: more.includes('--json') ? JSON.parse(said.stdout.split('\n')[0]!) : undefined };
  }

  it('bears out all rounds when every node is gone, from a copy too, and names what is missing or damaged', async () => {
    const own = join(run.folder, String(archivist));
    expect(archive.events.filter(({ event }) => event === 'notArchived')).to.deep.equal([]);
    // a second one, without a key, has all from the first
    const second = join(run.folder, 'second');
    const keyless = startRole('archive', ['--deployment', run.file, '--data', second, '--rounds', String(rounds)]);
    run.processes.push(keyless);
    expect(await keyless.ended, keyless.stderr()).to.equal(0);
    expect(keyless.events[0]).to.deep.include({ event: 'started', role: 'archive', account: '' });
    await Promise.all(run.processes.map((process) => process.kill('SIGTERM')));

    const copy = join(run.folder, 'copy');
    cpSync(own, copy, { recursive: true });
    rmSync(own, { recursive: true });
    for (const folder of [copy, second]) {
      const { code, stdout, stderr } = await verify(folder);
      expect(code, stderr + stdout).to.equal(0);
      expect(stdout.match(/whole\s+│?\s*right/g)).to.have.length(rounds);
    }

    const { rounds: known } = await run.federation().sync();
    const { dimension } = await run.federation().readTask();
    const blocks = new DurableBlockstore(join(copy, 'blobs', 'blocks'), copy);
    const [first, , third] = [...known.values()];
    const [submission, other] = [...first!.submissions.values()];
    const fileOf = (digest: Uint8Array, bytes: number) => blocks.pathOf(cidFromDigest(digest, bytes));
    const flipped = fileOf(submission!.cid, updateBytes(dimension));
    const swapped = fileOf(other!.cid, updateBytes(dimension));
    const lost = fileOf(third!.proposed!.proposal.modelCid, modelBytes(dimension));
    const bytes = readFileSync(flipped);
    writeFileSync(flipped, bytes.with(1000, bytes[1000]! ^ 1));
    // a blob of another task, in its place
    writeFileSync(swapped, Buffer.alloc(bytes.length, 7));
    rmSync(lost);

    const { code, json, stderr } = await verify(copy, '--json');
    expect(code).to.equal(exitCodes.ARCHIVE_FLAWED);
    expect(json.flawed).to.deep.equal([1, 3]);
    const [one, two, three] = json.rounds;
    const named = ({ flaws }: { flaws: { file: string; problem: string; what: string; trainer?: string }[] }) =>
      flaws.map(({ file, problem, what, trainer }) => [file, problem, what, trainer]);
    expect(named(one)).to.have.deep.members([
      [flipped, 'damaged', 'update', submission!.trainer],
      [swapped, 'damaged', 'update', other!.trainer],
    ]);
    expect(one.wrong).to.match(/^it cannot be recomputed/);
    expect([two.flaws, two.wrong]).to.deep.equal([[], undefined]);
    // its model follows from its updates all the same
    expect(named(three)).to.deep.equal([[lost, 'missing', 'model', undefined]]);
    expect(three.wrong).to.equal(undefined);
    expect(stderr).not.to.match(/unforeseen/);
    expect((await verify(copy, '--rounds', '2')).code).to.equal(0);
    expect((await verify(copy, '--rounds', '9')).code).to.equal(exitCodes.CONFIG_INVALID);
  });

  it('hands the final model to who asks, and to new nodes, which go on from it', async () => {
    const output = join(run.folder, 'model');
    const fetched = await tributary(['fetch-model', '--deployment', run.file, '--output', output, '--json']);
    expect(fetched.code, fetched.stderr).to.equal(0);
    expect(JSON.parse(fetched.stdout)).to.deep.include({ round: rounds, final: true });
    expect(existsSync(join(output, 'model.onnx'))).to.equal(true);

    run.clock.works('test');
    await leave(1, 'trainer');
    await leave(2, 'trainer');
    await leave(3, 'aggregator');
    const more = String(rounds + 1);
    const nodes = [
      run.start('aggregator', 4, '--rounds', more),
      run.start('trainer', 5, '--source', 'mnist:1/2?seed=1', '--rounds', more),
      run.start('trainer', 6, '--source', 'mnist:2/2?seed=1', '--rounds', more),
    ];
    await Promise.all(nodes.map(({ event }) => event('joined')));
    run.clock.leaves('test');
    expect(await Promise.all(nodes.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    const proposed = proposedRounds(await run.federation().sync());
    const newest = proposed[rounds]!;
    expect([newest.baseRound, newest.final]).to.deep.equal([rounds, true]);
    await archive.event('archived', ({ round }) => round === newest.number);
  });

  async function leave(account: number, role: string): Promise<void> {
    const args = ['unstake', 'all', '--role', role, '--leave', '--deployment', run.file, '--dev-account', `${account}`];
    const said = await tributary(args);
    expect(said.code, said.stderr).to.equal(0);
  }
});
