import { expect } from 'chai';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../../client/actions/checkpoint.ts';
import { buildModelTree } from '../../client/core/commitment.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { toHex } from '../../client/core/hash.ts';
import { merkleRoot } from '../../client/core/merkle.ts';
import { manifestOf, parseFederationConfig } from '../../client/deployment/config.ts';

async function example(): Promise<Checkpoint> {
  const { manifest } = await manifestOf(parseFederationConfig({}));
  const model = Int32Array.from({ length: 100 }, (_, index) => (index - 50) * 1_000_003);
  const modelRoot = toHex(merkleRoot(buildModelTree(model)));
  return {
    round: 3,
    modelRoot,
    modelCid: 'bafk',
    chainId: 31_337,
    federation: `0x${'ab'.repeat(20)}`,
    manifest,
    model,
  };
}

function codeOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    if (error instanceof TributaryError) return error.code;
    throw error;
  }
  return undefined;
}

describe('a checkpoint', () => {
  it('that is no JSON, or lacks a field, is refused', () => {
    expect(codeOf(() => readCheckpoint('not JSON'))).to.equal('CONFIG_INVALID');
    expect(codeOf(() => readCheckpoint('{"format":"tributary-checkpoint/1"}'))).to.equal('CONFIG_INVALID');
  });

  it('whose model is not the one of its root is refused', async () => {
    const checkpoint = await example();
    checkpoint.model[7]! += 1;
    expect(codeOf(() => readCheckpoint(writeCheckpoint(checkpoint)))).to.equal('COMMITMENT_MISMATCH');
  });

  it('reads as what was written', async () => {
    const checkpoint = await example();
    expect(readCheckpoint(writeCheckpoint(checkpoint))).to.deep.equal(checkpoint);
    const withFile = { ...checkpoint, modelFile: Uint8Array.of(8, 0, 255) };
    expect(readCheckpoint(writeCheckpoint(withFile))).to.deep.equal(withFile);
  });
});
