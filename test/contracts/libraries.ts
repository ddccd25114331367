/** Libraries on the in-process chain, each after those that it calls itself. */
import type { Connection } from './connection.ts';

/** What `Federation` is linked with. */
export async function deployFederationLibraries({ ethers }: Connection) {
  return {
    Boundary: await ethers.deployContract('Boundary'),
    Electors: await ethers.deployContract('Electors'),
    Waiting: await ethers.deployContract('Waiting'),
  };
}

/** What `Rewards` is linked with. */
export async function deployRewardLibraries({ ethers }: Connection) {
  const StatementOrder = await ethers.deployContract('StatementOrder');
  return {
    Enrolment: await ethers.deployContract('Enrolment'),
    Evaluators: await ethers.deployContract('Evaluators'),
    Funding: await ethers.deployContract('Funding', { libraries: { StatementOrder } }),
    ScoreDemands: await ethers.deployContract('ScoreDemands'),
    StatementOrder,
  };
}
