/** Somebody demands openings of a right proposal, to hold it up: each is answered, and who demands pays for it. */
import { expect } from 'chai';
import { type FederationClient, structArgument } from '../../client/chain/federation.ts';
import { type Demand, readAllDemands, type TreeName, trees } from '../../client/chain/openings.ts';
import { endpointsOf, type ProposedAggregate, proposedRounds } from '../../client/chain/rounds.ts';
import { createSender, type Sender } from '../../client/chain/sender.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { openInputOf } from '../../client/core/challenges/evidence.ts';
import { cidFromDigest } from '../../client/core/cid.ts';
import { toHex } from '../../client/core/hash.ts';
import { buildInputsTree, decodeInputsList, type InputsTree, inputsListBytes } from '../../client/core/inputs.ts';
import { buildMerkleTree, proveLeaf } from '../../client/core/merkle.ts';
import { treeDepth, updateChunkBytes } from '../../client/core/numbers.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { signalGroup } from '../processGroup.ts';
import { FederationRun } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

const aggregatorAccount = 3;
/** Of the 123 chunks of the model, and with one group of trainers of the columns too. */
const depth = treeDepth(Math.ceil(7850 / 64));

describe('demands that hold up an honest aggregator', () => {
  let run: FederationRun;
  let federation: FederationClient;
  let griefer: Sender;
  let aggregator: RoleProcess;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
    // the chain's clock waits for what the test demands
    run.clock.works('test');
    federation = run.federation();
    griefer = createSender(developmentWallet(5), run.anvil.provider);
    aggregator = run.start('aggregator', aggregatorAccount);
    for (const account of [1, 2]) run.start('trainer', account);
    await aggregator.event('proposed', ({ round }) => round === 1);
    await federation.sync();
  });
  afterEach(() => run.close());

  it('are answered one by one, whatever tree they are of, and each answer is paid', async () => {
    const model = await demand({ tree: 'model', height: depth, span: depth, index: 0 }, rootOf('modelRoot'), []);
    expect((await answerTo(model)).opened).to.have.property('kind', 'hashes');
    const columns = await demand({ tree: 'columns', height: depth, span: depth, index: 0 }, rootOf('columnsRoot'), []);
    const { opened } = await answerTo(columns);
    const nodes = opened?.kind === 'hashes' ? opened.nodes : [];
    expect(nodes).to.have.length(2 ** depth);
    const leaves = buildMerkleTree(Buffer.concat(nodes));
    const chunk = 77;
    const leaf = await demand(
      { tree: 'columns', height: 0, span: 0, index: chunk },
      toHex(nodes[chunk]!),
      proveLeaf(leaves, chunk).map(toHex),
    );
    expect((await answerTo(leaf)).opened).to.have.property('kind', 'columnLeaf');
    const group = await demand({ tree: 'inputs', height: 0, span: 0, index: 0 }, rootOf('inputsRoot'), []);
    const inputs = (await answerTo(group)).opened;
    const entries = inputs?.kind === 'inputsGroup' ? inputs.entries.slice(0, 2) : [];
    expect(entries.map(({ trainer }) => trainer)).to.have.members([1, 2].map((i) => developmentWallet(i).address));
    await becomesFinal();
    await isPaid([model, columns, leaf, group]);
  });

  it('are answered in one transaction where several are due, also those for chunks of updates', async () => {
    const list = await inputsOf();
    signalGroup(aggregator.child, 'SIGSTOP');
    const ids = [
      await demand({ tree: 'model', height: depth, span: 2, index: 0 }, rootOf('modelRoot'), []),
      await demand({ tree: 'columns', height: depth, span: 2, index: 0 }, rootOf('columnsRoot'), []),
      await demandUpdate(list, 1, 77),
    ];
    signalGroup(aggregator.child, 'SIGCONT');
    const answered = await Promise.all(ids.map(answerTo));
    const chunk = answered[2]!.opened;
    expect(chunk?.kind === 'updateChunk' ? chunk.chunk.length : 0).to.equal(updateChunkBytes);
    const openings = contractInterface('Openings');
    const address = federation.addresses.challenges.Openings;
    const logs = await run.anvil.provider.getLogs({ address, fromBlock: 0 });
    const transactions = logs
      .filter((log) => /Opened$/.test(openings.parseLog(log)?.name ?? ''))
      .map(({ transactionHash }) => transactionHash);
    expect(transactions).to.have.length(3);
    expect(new Set(transactions).size).to.equal(1);
    await becomesFinal();
    await isPaid(ids);
  });

  it('are answered by a process that was killed before they were made', async () => {
    await aggregator.kill();
    const columns = await demand({ tree: 'columns', height: depth, span: 3, index: 0 }, rootOf('columnsRoot'), []);
    aggregator = run.start('aggregator', aggregatorAccount);
    expect((await answerTo(columns)).opened).to.have.property('kind', 'hashes');
    await becomesFinal();
    await isPaid([columns]);
  });

  it('are answered by another aggregator when the proposer keeps silent', async () => {
    const other = run.start('aggregator', 4);
    await other.event('joined');
    await run.lose(aggregatorAccount);
    const model = await demand({ tree: 'model', height: depth, span: 3, index: 0 }, rootOf('modelRoot'), []);
    run.clock.leaves('test');
    expect((await answerTo(model)).opened).to.have.property('kind', 'hashes');
    expect(await other.event('answered')).to.include({ round: 1, tree: 'model', span: 3 });
    await other.event('finalized', ({ round }) => round === 1);
  });

  function proposed(): ProposedAggregate {
    return proposedRounds(federation.state)[0]!.proposed;
  }

  function rootOf(root: 'modelRoot' | 'columnsRoot' | 'inputsRoot'): string {
    return toHex(proposed().proposal[root]);
  }

  /** The demand's id. */
  async function demand(
    { tree, height, span, index }: Pick<Demand, 'height' | 'span' | 'index'> & { tree: TreeName },
    node: string,
    path: readonly string[],
  ): Promise<string> {
    const { federation: address, challenges } = federation.addresses;
    const openings = contractInterface('Openings');
    const proposal = structArgument(proposed().proposal);
    const sum = proposed().proposal.totalWeight;
    const data =
      tree === 'inputs'
        ? openings.encodeFunctionData('demandInputs', [
            address,
            proposal,
            height,
            span,
            index,
            { hash: node, sum },
            path,
          ])
        : openings.encodeFunctionData('demandHashes', [
            ...[address, proposal, trees.indexOf(tree), height, span, index],
            ...[node, path],
          ]);
    const bond = openings.encodeFunctionData('bondOf', [address, span]);
    const value = BigInt(await run.anvil.provider.call({ to: challenges.Openings, data: bond }));
    const receipt = await griefer.send('demanding', { to: challenges.Openings, data, value });
    return receipt.logs.map((log) => openings.parseLog(log)).find((event) => event?.name === 'OpeningDemanded')!.args
      .id;
  }

  /** As the aggregator serves them. */
  async function inputsOf(): Promise<InputsTree> {
    const { inputsCid, inputCount } = proposed().proposal;
    const maxBytes = inputsListBytes(inputCount);
    const gateways = endpointsOf(federation.state, developmentWallet(aggregatorAccount).address);
    const store = openGatewayStore({ gateways });
    const limits = { maxBytes, signal: new AbortController().signal };
    return buildInputsTree(decodeInputsList(await store.get(cidFromDigest(inputsCid, maxBytes), limits)));
  }

  async function demandUpdate(list: InputsTree, input: number, chunk: number): Promise<string> {
    const { federation: address, challenges } = federation.addresses;
    const openings = contractInterface('Openings');
    const args = [address, structArgument(proposed().proposal), openInputOf(list, input), chunk];
    const bond = openings.encodeFunctionData('bondOf', [address, 0]);
    const value = BigInt(await run.anvil.provider.call({ to: challenges.Openings, data: bond }));
    const data = openings.encodeFunctionData('demandUpdate', args);
    const receipt = await griefer.send('demanding', { to: challenges.Openings, data, value });
    return receipt.logs.map((log) => openings.parseLog(log)).find((event) => event?.name === 'OpeningDemanded')!.args
      .id;
  }

  async function answerTo(id: string): Promise<Demand> {
    for (;;) {
      const all = await readAllDemands(federation, proposed().blockNumber);
      const found = all.find((other) => other.id === id)!;
      expect(found.closed).to.equal(false);
      if (found.opened !== undefined) return found;
      expect(federation.chainTime()).to.be.below(found.answerBy);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await federation.sync();
    }
  }

  async function becomesFinal(): Promise<void> {
    run.clock.leaves('test');
    await aggregator.event('finalized', ({ round }) => round === 1);
    await federation.sync();
    expect(federation.state.rounds.get(1)!.final).to.equal(true);
  }

  async function isPaid(ids: readonly string[]): Promise<void> {
    const demands = await readAllDemands(federation, proposed().blockNumber);
    const bondsWei = demands.filter(({ id }) => ids.includes(id)).reduce((sum, { bondWei }) => sum + bondWei, 0n);
    const openings = contractInterface('Openings');
    const address = federation.addresses.challenges.Openings;
    const topics = openings.encodeFilterTopics('OwedPaid', [developmentWallet(aggregatorAccount).address]);
    const logs = await run.anvil.provider.getLogs({ address, topics, fromBlock: 0 });
    const paidWei = logs.reduce((sum, log) => sum + (openings.parseLog(log)!.args.amountWei as bigint), 0n);
    expect(paidWei).to.equal(bondsWei);
  }
});
