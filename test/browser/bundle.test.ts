/** The rooms that run anywhere, as one file for a page. */
import { expect } from 'chai';
import { bundleForBrowser } from './bundle.ts';

describe('the public entry, bundled for a browser', () => {
  it('holds nothing of Node.js, no creation code and no training runtime', async () => {
    const { code, inputs } = await bundleForBrowser();
    const names = Object.keys(inputs);
    for (const room of ['core', 'contracts', 'chain', 'participant', 'actions', 'trainer', 'watchtower']) {
      expect(
        names.some((name) => name.startsWith(`client/${room}/`)),
        room,
      ).to.equal(true);
    }
    expect(names.filter((name) => /^client\/(node|deployment|localnet|cli|simulator)\//.test(name))).to.deep.equal([]);
    expect(names.filter((name) => /onnxruntime|tensorflow|sharp|hardhat|creationCode/.test(name))).to.deep.equal([]);
    expect(names).to.include('client/storage/httpFetch.ts').and.not.to.include('client/storage/httpNode.ts');
    // protobufjs asks whether there is a Buffer before it uses one
    expect(code).not.to.match(/\bnode:[a-z]|\bprocess\.(env|stdout|exit)\b|(?<!util\d*\.)\bBuffer\.(from|alloc)/);
  });
});
