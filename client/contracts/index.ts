/**
 * `tributary/contracts`: interfaces and creation code of the contracts. Their sources are `tributary/contracts/<folder>/<name>.sol`.
 * @module
 */
export { abis } from './abi.ts';
export {
  type ContractInterface,
  type ContractReader,
  contractInterface,
  type ErrorName,
  type EventName,
  type MethodName,
  readContract,
} from './contracts.ts';
export { isDeployedCode, type Libraries, linkedCode } from './link.ts';
export {
  type ChallengeContractName,
  type ContractName,
  challengeContracts,
  contractNames,
  type LibraryName,
  linkedLibraries,
} from './names.ts';
