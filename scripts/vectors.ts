/** What a vector file holds: inputs, and everything that follows from them, as hexadecimal and whole numbers. */
import { AbiCoder, keccak256 as keccakHex, TypedDataEncoder, toUtf8Bytes, Wallet } from 'ethers';
import { attestationData } from '../client/chain/attestation.ts';
import type { Addresses } from '../client/chain/connect.ts';
import { proposalDigest } from '../client/chain/federation.ts';
import type { Proposal } from '../client/chain/rounds.ts';
import { packTerms } from '../client/chain/updateTerms.ts';
import { contractInterface } from '../client/contracts/contracts.ts';
import { aggregate } from '../client/core/aggregate.ts';
import { digestOfCid } from '../client/core/cid.ts';
import {
  decodeModel,
  encodeModel,
  encodeUpdate,
  modelFromBytes,
  modelToBytes,
  updateFromBytes,
  updateToBytes,
} from '../client/core/codec.ts';
import { buildColumn, columnRoot } from '../client/core/columns.ts';
import { buildUpdateTree, commitUpdate, uintWord } from '../client/core/commitment.ts';
import { concatBytes, fromHex, type Hash, keccak256, toHex } from '../client/core/hash.ts';
import { omittedHash } from '../client/core/inputs.ts';
import { merkleRoot } from '../client/core/merkle.ts';
import { chunkCount } from '../client/core/numbers.ts';
import { createRandom } from '../client/core/random.ts';
import {
  type Balance,
  balanceLeaf,
  buildBalancesTree,
  pageBytes,
  proveBalance,
  uintBytes,
} from '../client/core/rewards/balances.ts';
import { isDrawn } from '../client/core/rewards/lot.ts';
import { createReputations, readReputations, weigh } from '../client/core/rewards/reputations.ts';
import {
  buildScoreTree,
  commitScores,
  proveScore,
  scoresRoot,
  scoresToBytes,
  timeCommitment,
} from '../client/core/rewards/scores.ts';
import { settleRound } from '../client/core/rewards/settle.ts';
import { parseRule } from '../client/core/rules/parseRule.ts';
import { trimCount } from '../client/core/rules/rule.ts';
import { proveNode, sumTreeRoot } from '../client/core/sumTree.ts';
import { encodeManifest, type TaskManifest } from '../client/core/task.ts';
import { prepareUpdate } from '../client/core/verify.ts';
import { authorizeUpload } from '../client/participant/rounds/uploads.ts';
import { buildDag } from '../client/storage/dag.ts';

export interface UpdateInputs {
  chainId: number;
  federation: string;
  round: number;
  trainer: string;
  dimension: number;
  /** The chunks, as pinned. */
  update: string;
}

/** An update, its sum tree, a proof for each chunk, and the commitment. */
export function describeUpdate(inputs: UpdateInputs) {
  const tree = buildUpdateTree(updateFromBytes(fromHex(inputs.update), inputs.dimension));
  const root = sumTreeRoot(tree);
  const context = { ...inputs, chainId: BigInt(inputs.chainId) };
  const proofs = [...tree.sums[0]!.keys()].map((chunk) => proveNode(tree, 0, chunk));
  return {
    ...inputs,
    leafHashes: splitHashes(tree.hashes[0]!),
    leafSums: [...tree.sums[0]!],
    updateRoot: toHex(root.hash),
    squaredNorm: root.sum,
    commitment: toHex(commitUpdate(context, root.hash)),
    proofHashes: proofs.map((proof) => proof.map(({ hash }) => toHex(hash))),
    proofSums: proofs.map((proof) => proof.map(({ sum }) => sum)),
  };
}

export interface RoundInputs {
  rule: string;
  dimension: number;
  /** The chunks of the last model. */
  model: string;
  /** Ascending. */
  trainers: string[];
  weights: number[];
  /** The chunks of each trainer's update. */
  updates: string[];
}

/** A round, every root of its proposal, and every column. */
export function describeRound(inputs: RoundInputs) {
  const { dimension, trainers, weights } = inputs;
  const rule = parseRule(inputs.rule);
  const updates = trainers.map((trainer, i) =>
    prepareUpdate(trainer, weights[i]!, updateFromBytes(fromHex(inputs.updates[i]!), dimension)),
  );
  const { model, commitment } = aggregate(rule, modelFromBytes(fromHex(inputs.model), dimension), updates);
  const columns = Array.from({ length: chunkCount(dimension) }, (_, chunk) => buildColumn(rule, updates, chunk));
  return {
    ...inputs,
    trim: trimCount(rule, updates.length),
    divisor: columns[0]!.divisor,
    updateRoots: updates.map(({ updateRoot }) => toHex(updateRoot)),
    nextModel: toHex(modelToBytes(model)),
    modelRoot: toHex(commitment.modelRoot),
    inputsRoot: toHex(commitment.inputsRoot),
    columnsRoot: toHex(commitment.columnsRoot),
    inputCount: commitment.inputCount,
    totalWeight: commitment.totalWeight,
    columns: columns.map((column) => ({
      root: toHex(columnRoot(column)),
      groupHashes: column.groupHashes.map(toHex),
      states: column.states.map(toHex),
    })),
  };
}

/** Numbers to the chunks that hold them. */
export function updateHex(values: readonly number[]): string {
  return toHex(updateToBytes(Int16Array.from(values)));
}

export function modelHex(values: readonly number[]): string {
  return toHex(modelToBytes(Int32Array.from(values)));
}

function splitHashes(bytes: Uint8Array): string[] {
  const hashes: Hash[] = [];
  for (let start = 0; start < bytes.length; start += 32) hashes.push(bytes.subarray(start, start + 32));
  return hashes.map(toHex);
}

// ── what is given and what follows from it ──

/** Folders of `vectors/v1` whose files have two parts, `given` and `follows`: how the second follows from the first. */
export const kinds = {
  streams: describeStream,
  encodings: describeEncoding,
  submissions: describeSubmission,
  proposals: describeProposal,
  weights: describeWeights,
  scores: describeScores,
  lots: describeLot,
  balances: describeBalances,
  statements: describeStatement,
  attestations: describeAttestation,
  uploads: describeUpload,
  manifests: describeManifest,
  blobs: describeBlob,
} as const satisfies Record<string, (given: never) => unknown>;

export type Kind = keyof typeof kinds;
export type Given<K extends Kind> = Parameters<(typeof kinds)[K]>[0];

interface Place {
  chainId: number;
  /** Address of the federation. */
  federation: string;
}

/** The named stream of random numbers: how it begins. */
function describeStream({ label }: { label: string[] }) {
  const seed = keccak256(toUtf8Bytes(JSON.stringify(label)));
  const [integers, fractions] = [createRandom(...label), createRandom(...label)];
  return {
    text: JSON.stringify(label),
    seed: toHex(seed.slice(0, 16)),
    uint32: Array.from({ length: 8 }, () => integers.uint32()),
    float24: Array.from({ length: 8 }, () => fractions.float() * 2 ** 24),
  };
}

interface EncodingInputs {
  seed: string;
  trainer: string;
  round: number;
  /** float32, as the eight hexadecimal digits of their bits. */
  update: string[];
  parameters: string[];
  model: number[];
}

/** Float to integers and back. */
function describeEncoding({ seed, trainer, round, update, parameters, model }: EncodingInputs) {
  const encoded = encodeUpdate(floats(update), createRandom(seed, 'rounding', trainer, round));
  return {
    update: [...encoded.values],
    saturated: encoded.saturated,
    parameters: [...encodeModel(floats(parameters))],
    model: floatDigits(decodeModel(Int32Array.from(model))),
  };
}

function floats(digits: readonly string[]): Float32Array {
  return Float32Array.from(digits, (bits) => new DataView(fromHex(bits).buffer).getFloat32(0));
}

/** The eight hexadecimal digits of the bits of each. */
export function floatDigits(values: Float32Array): string[] {
  const view = new DataView(new ArrayBuffer(4));
  return Array.from(values, (value) => {
    view.setFloat32(0, value);
    return view.getUint32(0).toString(16).padStart(8, '0');
  });
}

interface SubmissionInputs extends Place {
  round: number;
  trainer: string;
  updateRoot: string;
  squaredNorm: number;
  weight: number;
  /** sha2-256 digest of the CID. */
  cid: string;
}

/** What a trainer sends, and the word that its ring slot holds then, and when it has left. */
function describeSubmission(given: SubmissionInputs) {
  const terms = uintWord(packTerms(given));
  const commitment = commitUpdate({ ...given, chainId: BigInt(given.chainId) }, fromHex(given.updateRoot));
  const digest = keccak256(concatBytes(terms, commitment, fromHex(given.cid)));
  const slot = (BigInt(given.round) << 224n) | BigInt.asUintN(224, BigInt(toHex(digest)));
  return {
    terms: toHex(terms),
    commitment: toHex(commitment),
    digest: toHex(digest),
    slot: toHex(uintWord(slot)),
    retiredSlot: toHex(uintWord(slot | (1n << 255n))),
  };
}

interface ProposalInputs extends Place {
  proposer: string;
  /** Without `omittedHash`, which follows from `omitted`. */
  proposal: Omit<Proposal, HashFields | 'omittedHash'> & Record<HashFields, string>;
  /** Ascending. */
  omitted: string[];
  /** What weighs the rounds that start from the proposed model. */
  nextReputations: string;
}

type HashFields =
  | 'baseModelRoot'
  | 'modelRoot'
  | 'modelCid'
  | 'inputsCid'
  | 'inputsRoot'
  | 'columnsRoot'
  | 'reputations';

/** A proposal, its digest, and what the rounds after it start from. */
function describeProposal({ chainId, federation, proposer, proposal, omitted, nextReputations }: ProposalInputs) {
  const hashes = Object.entries(proposal).map(([name, value]) => [
    name,
    typeof value === 'string' ? fromHex(value) : value,
  ]);
  const whole = { ...Object.fromEntries(hashes), omittedHash: omittedHash(omitted) } as Proposal;
  const digest = proposalDigest({ chainId, federation } as Addresses, proposer, whole);
  const base = (root: string, word: string) => toHex(keccak256(concatBytes(fromHex(root), fromHex(word))));
  return {
    omittedHash: toHex(whole.omittedHash),
    digest,
    storedDigest: digest.slice(0, 2 + 2 * 28),
    baseHash: base(proposal.baseModelRoot, proposal.reputations),
    nextBaseHash: base(proposal.modelRoot, nextReputations),
  };
}

interface WeightsInputs {
  balancesRoot: string;
  accounts: number;
  floorBasisPoints: number;
  cases: { weight: number; reputation: number }[];
}

/** The word that names reputations, and what it makes of weights. */
function describeWeights({ balancesRoot, accounts, floorBasisPoints, cases }: WeightsInputs) {
  const root = fromHex(balancesRoot).slice(0, 26);
  const word = concatBytes(root, uintBytes(BigInt(accounts), 4), uintBytes(BigInt(floorBasisPoints), 2));
  const named = readReputations(word)!;
  const weights = cases.map(({ weight, reputation }) => {
    const reputations = createReputations(named.floorBasisPoints, [{ cumulativeGwei: 0n, reputation }], () => 0);
    return weigh(reputations, 'the account at place 0', weight);
  });
  return { word: toHex(word), rootBits: toHex(named.balancesRoot), accounts: named.accounts, weights };
}

interface ScoresInputs {
  chainId: number;
  /** Address of the rewards contract. */
  rewards: string;
  round: number;
  evaluator: string;
  /** When the scored proposal was made. */
  proposedAt: number;
  salt: string;
  scores: number[];
}

/** Scores under their root, what is sent to commit to them, and the word of the evaluator's slot. */
function describeScores({ chainId, rewards, round, evaluator, proposedAt, salt, scores }: ScoresInputs) {
  const values = Int16Array.from(scores);
  const tree = buildScoreTree(values);
  const root = scoresRoot(fromHex(salt), values);
  const commitment = commitScores({ chainId: BigInt(chainId), rewards, round, evaluator }, root);
  const sent = timeCommitment(commitment, proposedAt);
  const slot = (BigInt(round) << 220n) | BigInt.asUintN(220, BigInt(toHex(sent)));
  const words = Array.from({ length: Math.ceil(scores.length / 16) }, (_, word) => proveScore(values, 16 * word));
  return {
    bytes: toHex(scoresToBytes(values)),
    words: words.map(({ word }) => toHex(word)),
    leafHashes: splitHashes(tree.levels[0]!),
    paths: words.map(({ path }) => path.map(toHex)),
    treeRoot: toHex(merkleRoot(tree)),
    scoresRoot: toHex(root),
    commitment: toHex(commitment),
    sent: toHex(sent),
    committedSlot: toHex(uintWord(slot)),
    revealedSlot: toHex(uintWord(slot | (1n << 255n))),
  };
}

interface LotInputs {
  modelRoot: string;
  evaluatorCount: number;
  committeeSize: number;
  evaluators: string[];
}

/** Who is drawn to score a round. */
function describeLot({ modelRoot, evaluatorCount, committeeSize, evaluators }: LotInputs) {
  const seed = fromHex(modelRoot).slice(16);
  const bound = ((2n ** 256n - 1n) / BigInt(evaluatorCount)) * BigInt(committeeSize);
  const encoded = (account: string) =>
    AbiCoder.defaultAbiCoder().encode(['uint128', 'address'], [BigInt(toHex(seed)), account]);
  return {
    seed: toHex(seed),
    bound: evaluatorCount <= committeeSize ? null : toHex(uintWord(bound)),
    lots: evaluators.map((account) => keccakHex(encoded(account))),
    drawn: evaluators.filter((account) => isDrawn(account, fromHex(modelRoot), evaluatorCount, committeeSize)),
  };
}

interface BalancesInputs {
  /** 10 bytes for each account: earned, in gwei (uint64), and reputation (uint16). */
  balances: string;
  /** Places whose paths are shown. */
  places: number[];
}

/** The tree of balances, page by page. */
function describeBalances({ balances, places }: BalancesInputs) {
  const known = readBalances(balances);
  const tree = buildBalancesTree(known);
  return {
    accounts: known.length,
    pageRoots: tree.pages.map((page) => toHex(merkleRoot(page))),
    balancesRoot: toHex(merkleRoot(tree.tree)),
    leafHashes: places.map((place) => toHex(balanceLeaf(place, known[place]!))),
    paths: places.map((place) => proveBalance(tree, place).map(toHex)),
  };
}

function readBalances(bytes: string): Balance[] {
  const view = new DataView(fromHex(bytes).buffer);
  return Array.from({ length: view.byteLength / 10 }, (_, place) => ({
    cumulativeGwei: view.getBigUint64(10 * place),
    reputation: view.getUint16(10 * place + 8),
  }));
}

export function balancesHex(balances: readonly Balance[]): string {
  const pages = Array.from({ length: Math.ceil(balances.length / 256) }, (_, page) => pageBytes(balances, page));
  return toHex(concatBytes(...pages));
}

interface StatementInputs {
  round: number;
  /** Ascending by place. Amounts are decimal. */
  trainers: { place: number; inputIndex: number; trainer: string; stakeTokens: string }[];
  /** `place` is null for who has no account. */
  evaluators: { evaluator: string; place: number | null; salt: string; stakeTokens: string; scores: number[] }[];
  terms: { rewardGwei: string; availableGwei: string; aggregatorBasisPoints: number; evaluatorBasisPoints: number };
  aggregatorPlace: number | null;
  accounts: number;
  /** As in `BalancesInputs`. */
  previous: string;
}

/** A reward statement, from the scores to the balances. */
function describeStatement(given: StatementInputs) {
  const settlement = settleRound({
    round: given.round,
    trainers: given.trainers.map((trainer) => ({ ...trainer, stakeTokens: BigInt(trainer.stakeTokens) })),
    evaluators: given.evaluators.map(({ evaluator, place, salt, stakeTokens, scores }) => ({
      evaluator,
      place: place ?? undefined,
      salt: fromHex(salt),
      scoresRoot: scoresRoot(fromHex(salt), Int16Array.from(scores)),
      stakeTokens: BigInt(stakeTokens),
      scores: Int16Array.from(scores),
    })),
    terms: {
      ...given.terms,
      rewardGwei: BigInt(given.terms.rewardGwei),
      availableGwei: BigInt(given.terms.availableGwei),
    },
    aggregatorPlace: given.aggregatorPlace ?? undefined,
    accounts: given.accounts,
    previous: readBalances(given.previous),
  });
  const { statement } = settlement;
  const inCalldata = {
    round: statement.round,
    middle: statement.middle,
    previousBalancesRoot: toHex(statement.previousBalancesRoot),
    accounts: statement.accounts,
    paidGwei: String(statement.paidGwei),
    evaluators: toHex(statement.evaluators),
    entries: toHex(statement.entries),
    pageRoots: statement.pageRoots.map(toHex),
  };
  const fragment = contractInterface('Rewards').getFunction('proposeRewards')!.inputs[1]!;
  return {
    scores: settlement.entries.map(({ score }) => score),
    spread: String(settlement.spread),
    distances: settlement.evaluators.map(({ distance }) => String(distance)),
    agreements: settlement.evaluators.map(({ agreement }) => String(agreement)),
    contribution: String(settlement.contribution),
    agreement: String(settlement.agreement),
    trainerPotGwei: String(settlement.trainerPotGwei),
    evaluatorPotGwei: String(settlement.evaluatorPotGwei),
    feeGwei: String(settlement.feeGwei),
    earnings: [...settlement.earnings]
      .sort(([a], [b]) => a - b)
      .map(([place, { trainerGwei, evaluatorGwei, feeGwei }]) => ({
        place,
        trainerGwei: String(trainerGwei),
        evaluatorGwei: String(evaluatorGwei),
        feeGwei: String(feeGwei),
      })),
    balances: balancesHex(settlement.balances),
    balancesRoot: toHex(settlement.balancesRoot),
    statement: inCalldata,
    encoded: AbiCoder.defaultAbiCoder().encode([fragment], [inCalldata]),
  };
}

interface AttestationInputs extends Place {
  round: number;
  edition: number;
  inputsRoot: string;
  /** Of a signer made up for the vectors: everybody knows it. */
  privateKey: string;
}

/** What an elector signs of a round's inputs. */
async function describeAttestation({ chainId, federation, inputsRoot, privateKey, ...rest }: AttestationInputs) {
  const root = { ...rest, inputsRoot: fromHex(inputsRoot) };
  const { domain, types, value } = attestationData({ chainId, federation } as Addresses, root);
  const wallet = new Wallet(privateKey);
  return {
    domainSeparator: TypedDataEncoder.hashDomain(domain),
    structHash: TypedDataEncoder.hashStruct('Attestation', types, value),
    digest: TypedDataEncoder.hash(domain, types, value),
    signer: wallet.address,
    signature: await wallet.signTypedData(domain, types, value),
  };
}

interface UploadInputs extends Place {
  /** sha2-256 digest of the CID. */
  cid: string;
  /** As of an attestation. */
  privateKey: string;
}

/** What a trainer signs to hand its update to an aggregator, and the header. */
async function describeUpload({ chainId, federation, cid, privateKey }: UploadInputs) {
  const wallet = new Wallet(privateKey);
  let message = '';
  const authorization = await authorizeUpload({ chainId, federation } as Addresses, fromHex(cid), (text) => {
    message = text;
    return wallet.signMessage(text);
  });
  return { message, signer: wallet.address, authorization };
}

/** A task's manifest as it is pinned. */
async function describeManifest({ manifest }: { manifest: TaskManifest }) {
  const bytes = encodeManifest(manifest);
  const { root } = await buildDag(bytes);
  return { text: new TextDecoder().decode(bytes), digest: toHex(digestOfCid(root)), cid: root.toString() };
}

/** The CID of a blob whose byte i is 31·i mod 251. */
async function describeBlob({ length }: { length: number }) {
  const { root, blocks } = await buildDag(Uint8Array.from({ length }, (_, i) => (31 * i) % 251));
  const leaves = blocks.length === 1 ? blocks : blocks.slice(0, -1);
  return {
    cid: root.toString(),
    digest: toHex(digestOfCid(root)),
    leafDigests: leaves.map(({ cid }) => toHex(digestOfCid(cid))),
    rootBlock: blocks.length === 1 ? null : toHex(blocks.at(-1)!.bytes),
  };
}
