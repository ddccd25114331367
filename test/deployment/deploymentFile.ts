import { challengeContracts, linkedLibraries } from '../../client/contracts/names.ts';

const shared = ['treasury', 'governor', 'votingPower', 'factory', 'governedCalls'];

/** The addresses of a deployment file, each of them `address`. */
export function allAt(address: string): object {
  const each = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, address]));
  return {
    ...each(['token', 'stake', 'federation', 'policy', 'rewards']),
    challenges: each(challengeContracts),
    libraries: each(linkedLibraries),
    governance: each(shared),
  };
}
