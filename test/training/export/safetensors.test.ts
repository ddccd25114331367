import { expect } from 'chai';
import { exportSafetensors } from '../../../client/training/export/safetensors.ts';
import { createLayout } from '../../../client/training/layout.ts';
import { errorCodeOf } from '../errorCode.ts';

const layout = createLayout([
  { name: 'layer1.weight', shape: [2, 3] },
  { name: 'layer1.bias', shape: [3] },
]);
const parameters = Float32Array.of(1, -2, 3.5, 4, 5, -6.25, 7, 8, 1e-30);

describe('exportSafetensors', () => {
  it('rejects a vector of another length', async () => {
    expect(await errorCodeOf(() => exportSafetensors(layout, new Float32Array(8)))).to.equal('ARGUMENT_INVALID');
  });

  it('writes what the format says', () => {
    const bytes = exportSafetensors(layout, parameters);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).to.equal(0);
    const { __metadata__, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(__metadata__).to.deep.equal({ format: 'np' });
    expect(tensors).to.deep.equal({
      'layer1.weight': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      'layer1.bias': { dtype: 'F32', shape: [3], data_offsets: [24, 36] },
    });
    const data = new DataView(bytes.buffer, 8 + length);
    expect(data.byteLength).to.equal(36);
    expect(Array.from(parameters, (_, place) => data.getFloat32(place * 4, true))).to.deep.equal([...parameters]);
  });
});
