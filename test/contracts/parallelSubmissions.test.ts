import { expect } from 'chai';
import { found, joinAsTrainer } from './deployment.ts';
import { propose, submission } from './round.ts';

interface StructLog {
  op: string;
  stack: string[];
}

const trainerCount = 12;

describe('submissions of one round', () => {
  it('share no storage slot that one of them writes, in a full block, the first time and after', async () => {
    const deployment = await found(2, 1, { task: { startTrainers: trainerCount } });
    const { federation, provider, accounts, aggregators } = deployment;
    const trainers = accounts.slice(1, 3).concat(accounts.slice(5, 3 + trainerCount));
    await joinAsTrainer(deployment, ...trainers.slice(2));

    for (let round = 1; round <= 2; round++) {
      await provider.request({ method: 'evm_setAutomine', params: [false] });
      const sent = [];
      for (const trainer of trainers) {
        const values = submission(trainer.address, round);
        sent.push(await federation.connect(trainer).submitUpdate(...values, { gasLimit: 100_000 }));
      }
      await provider.request({ method: 'evm_mine' });
      await provider.request({ method: 'evm_setAutomine', params: [true] });
      const receipts = await Promise.all(sent.map((response) => response.wait()));
      expect(new Set(receipts.map((receipt) => receipt!.blockNumber)).size, 'blocks').to.equal(1);
      expect(receipts.every((receipt) => receipt!.status === 1)).to.equal(true);

      const writers = new Map<string, string>();
      const reads = new Map<string, Set<string>>();
      for (const { hash } of receipts.map((receipt) => receipt!)) {
        const trace = (await provider.request({ method: 'debug_traceTransaction', params: [hash] })) as {
          structLogs: StructLog[];
        };
        const touched = (op: string) =>
          trace.structLogs.filter((log) => log.op === op).map(({ stack }) => BigInt(stack.at(-1)!).toString(16));
        expect(touched('SSTORE'), 'slots written').to.have.length(1);
        expect(trace.structLogs.some(({ op }) => /CALL|CREATE/.test(op) && !/^CALL(DATA|ER|VALUE)/.test(op))).to.equal(
          false,
        );
        for (const slot of touched('SSTORE')) {
          expect(writers.has(slot), `slot ${slot} is written twice`).to.equal(false);
          writers.set(slot, hash);
        }
        reads.set(hash, new Set(touched('SLOAD')));
      }
      expect(writers.size).to.equal(trainerCount);
      for (const [slot, writer] of writers) {
        for (const [reader, slots] of reads) {
          if (reader !== writer) expect(slots.has(slot), `${reader} reads what ${writer} writes`).to.equal(false);
        }
      }
      await propose(federation, aggregators, trainerCount);
    }
  });
});
