/**
 * Who attests a round's inputs: the aggregators and evaluators that were members when it opened. A proposal takes the word of more than
 * half of them.
 */
import type { Participant } from '../participant.ts';

export interface Electors {
  /** Those that have not left, each with what its word weighs: 2 for who aggregates and evaluates. */
  weights: ReadonlyMap<string, number>;
  /** What those that agree must weigh together. */
  quorum: number;
}

export interface ElectorsReader {
  /** Asks the chain once for each round, and again when members have come or gone. Errors: CHAIN_UNREACHABLE. */
  read(round: number): Promise<Electors>;
  /** To be called where the contract does not count as was read. */
  forget(): void;
}

type Asking = Pick<Participant, 'federation' | 'rewards'>;

/** Aggregators and evaluators, as of the last look. */
export function membersThatAttest({ federation, rewards }: Asking): string[] {
  return [...new Set([...federation.state.aggregators, ...rewards.state.evaluators.keys()])];
}

export function isElector({ federation, rewards }: Asking, account: string): boolean {
  return federation.state.aggregators.has(account) || rewards.state.evaluators.has(account);
}

export function createElectorsReader(node: Asking): ElectorsReader {
  let known: { key: string; electors: Electors } | undefined;

  async function read(round: number): Promise<Electors> {
    const members = membersThatAttest(node);
    const key = [round, ...members].join(' ');
    if (known?.key === key) return known.electors;
    const { federation } = node;
    const [quorum, ...weights] = await Promise.all([
      federation.readAttestationQuorum(round),
      ...members.map((account) => federation.readElectorWeight(account, round)),
    ]);
    const all = members.map((account, index): [string, number] => [account, weights[index]!]);
    const electors = { weights: new Map(all.filter(([, weight]) => weight > 0)), quorum };
    known = { key, electors };
    return electors;
  }

  return {
    read,
    forget() {
      known = undefined;
    },
  };
}

/** What these electors weigh together, each counted once. */
export function weightOf({ weights }: Electors, accounts: Iterable<string>): number {
  return [...new Set(accounts)].reduce((sum, account) => sum + (weights.get(account) ?? 0), 0);
}
