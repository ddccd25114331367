import { expect } from 'chai';
import { concatBytes, equalBytes, fromHex, keccak256, toHex } from '../../client/core/hash.ts';
import { codeOf } from './rounds.ts';

describe('hash', () => {
  it('is Keccak-256 as the EVM has it', () => {
    const known = {
      '': 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
      abc: '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
    };
    for (const [text, hash] of Object.entries(known)) {
      expect(toHex(keccak256(new TextEncoder().encode(text)))).to.equal(`0x${hash}`);
    }
  });

  it('reads hexadecimal with or without 0x, and nothing else', () => {
    expect([...fromHex('0x00fFa1')]).to.deep.equal([0, 255, 161]);
    expect([...fromHex('00ffa1')]).to.deep.equal([0, 255, 161]);
    expect(toHex(fromHex('0x00ffa1'))).to.equal('0x00ffa1');
    for (const text of ['0x0', '0xzz', '0x0x00', ' 00']) {
      expect(
        codeOf(() => fromHex(text)),
        text,
      ).to.equal('ARGUMENT_INVALID');
    }
  });

  it('compares and joins bytes', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).to.equal(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).to.equal(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).to.equal(false);
    expect([...concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))]).to.deep.equal([1, 2, 3]);
  });
});
