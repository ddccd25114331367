/** Where a federation lives: the file that deploying writes and every process reads. */
import { z } from 'zod/v4';
import { addressSchema as address } from './address.ts';

/** What a deployment file says: the chain, where the contracts are, and where files of the task are served. Strict: it takes no other field. */
export const deploymentSchema = z.strictObject({
  name: z.string().min(1),
  chainId: z.int().min(1),
  /** A node of the chain; --rpc overrides it. */
  rpcUrl: z.url().optional(),
  token: address,
  stake: address,
  federation: address,
  /** What is chosen by vote, for this federation. */
  policy: address,
  /** Its scores and rewards. */
  rewards: address,
  /** The contracts whose decisions on challenges the federation carries out. */
  challenges: z.strictObject({
    AggregateChallenges: address,
    InputChallenges: address,
    TrainerChallenges: address,
    Openings: address,
    RewardChallenges: address,
  }),
  /** Code that contracts of a federation call. */
  libraries: z.strictObject({
    Boundary: address,
    Electors: address,
    Waiting: address,
    Enrolment: address,
    Evaluators: address,
    Funding: address,
    ScoreDemands: address,
    StatementOrder: address,
  }),
  /** What it shares with all federations of the same factory. */
  governance: z.strictObject({
    /** Carries out votes and holds what nobody owns: an OpenZeppelin TimelockController. */
    treasury: address,
    governor: address,
    votingPower: address,
    factory: address,
    governedCalls: address,
  }),
  /** The block from which events are read. */
  deployBlock: z.int().min(0),
  /** Files, relative to this one, that every node may serve: the task's manifest, its first model, its model file. */
  blobs: z.array(z.string()).default([]),
});

/** A deployment file, as `deploymentSchema` has checked it. */
export type Deployment = z.infer<typeof deploymentSchema>;

/** The nodes of the chain to ask: those given, else the deployment's, else a local one. */
export function rpcUrlOf(deployment: Deployment, given: string | readonly string[] = []): readonly string[] {
  const urls = [given].flat();
  return urls.length > 0 ? urls : [deployment.rpcUrl ?? 'http://127.0.0.1:8545'];
}
