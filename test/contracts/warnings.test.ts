import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

interface BuildOutput {
  output: { errors?: { formattedMessage: string; sourceLocation?: { file: string } }[] };
}

const folder = new URL('../../artifacts/build-info/', import.meta.url);

/** What the compiler said when it last compiled each contract, tests included. */
describe('the compiler', () => {
  it('has nothing to say about our own contracts', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.output.json'));
    expect(files).to.have.length.at.least(1);
    const messages = files.flatMap((name) => {
      const { output } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as BuildOutput;
      return output.errors ?? [];
    });
    const ours = messages.filter(({ sourceLocation }) => sourceLocation?.file.startsWith('project/contracts/'));
    // Solidity tests carry what they deploy and are deployed nowhere: their size does not matter
    const about = ours.filter(({ sourceLocation, formattedMessage }) => {
      return !(sourceLocation!.file.endsWith('.t.sol') && /(init)?code size/i.test(formattedMessage));
    });
    expect(about.map(({ formattedMessage }) => formattedMessage)).to.deep.equal([]);
  });
});
