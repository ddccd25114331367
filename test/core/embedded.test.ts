/** Bytes in generated modules: a copy that was damaged says so before anything runs on it. */
import { expect } from 'chai';
import { creationCodes } from '../../client/contracts/creationCode.ts';
import { isDeployedCode, linkedCode } from '../../client/contracts/link.ts';
import { toBase64 } from '../../client/core/base64.ts';
import { decodeEmbedded } from '../../client/core/embedded.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { keccak256, toHex } from '../../client/core/hash.ts';
import { expectError } from '../storage/expectError.ts';

const bytes = Uint8Array.from({ length: 70 }, (_, index) => 3 * index);
const hash = toHex(keccak256(bytes));
const sentence = (what: string) =>
  `${what} is damaged in this copy of Tributary: install it again, or, in a checkout, restore the file with git.`;

describe('embedded bytes', () => {
  it('are refused where they are no base64', async () => {
    for (const base64 of ['?', `${toBase64(bytes)}=`, toBase64(bytes).slice(0, -3)]) {
      const error = await expectError(() => decodeEmbedded('The thing', { base64, hash }), 'PACKAGE_DAMAGED');
      expect(error.message, base64).to.equal(sentence('The thing'));
      expect(error.exitCode).to.equal(exitCodes.PACKAGE_DAMAGED).and.to.equal(29);
    }
  });

  it('are refused where a byte is another, is missing or is too many', async () => {
    const flipped = bytes.map((byte, index) => (index === 69 ? byte ^ 1 : byte));
    for (const wrong of [flipped, bytes.slice(1), bytes.slice(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array(0)]) {
      const damaged = { base64: toBase64(wrong), hash };
      const error = await expectError(() => decodeEmbedded('The thing', damaged), 'PACKAGE_DAMAGED');
      expect(error.message).to.equal(sentence('The thing'));
    }
  });

  it('are given back as they were written', () => {
    expect(decodeEmbedded('The thing', { base64: toBase64(bytes), hash })).to.deep.equal(bytes);
  });
});

describe('creation code', () => {
  const code = creationCodes.TributaryToken;
  const { base64 } = code;
  afterEach(() => {
    code.base64 = base64;
  });

  it('that is damaged is neither deployed nor compared, and the contract is named', async () => {
    const whole = linkedCode('TributaryToken');
    const middle = base64.length / 2;
    const other = base64[middle] === 'A' ? 'B' : 'A';
    for (const damaged of [base64.slice(0, middle) + other + base64.slice(middle + 1), base64.slice(4), '?']) {
      code.base64 = damaged;
      for (const use of [() => linkedCode('TributaryToken'), () => isDeployedCode('TributaryToken', whole)]) {
        const error = await expectError(use, 'PACKAGE_DAMAGED');
        expect(error.message).to.equal(sentence('The creation code of TributaryToken'));
      }
    }
  });

  it('without the address of a library that it calls is the caller’s mistake', async () => {
    const error = await expectError(() => linkedCode('Federation'), 'ARGUMENT_INVALID');
    expect(error.message).to.match(/^The address of library \w+ is needed\.$/);
  });

  it('that is whole is what was compiled', () => {
    expect(toHex(keccak256(Buffer.from(linkedCode('TributaryToken').slice(2), 'hex')))).to.equal(code.hash);
  });
});
