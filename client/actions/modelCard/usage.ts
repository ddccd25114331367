/** How a model is run without this program, in Python and in Node.js. */
import type { Column } from '../../core/data/columns.ts';
import type { DataDescription } from '../../core/data/description.ts';
import { shapeInFiles } from '../../training/data/sampleOrder.ts';
import { elementCount } from '../../training/layout.ts';

/** As Markdown. `inputShape` is that of one sample where the task does not describe its data. */
export function usageOf(data: DataDescription | undefined, inputShape: readonly number[]): string {
  return ['```python', ...python(data, inputShape), '```', '', '```js', ...node(data, inputShape), '```'].join('\n');
}

function python(data: DataDescription | undefined, inputShape: readonly number[]): string[] {
  const run = 'print(dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds))))';
  const open = ['import numpy as np, onnxruntime', 'session = onnxruntime.InferenceSession("model.onnx")'];
  if (data?.kind !== 'table') {
    const shape = `(1, ${sampleShape(data, inputShape).join(', ')})`;
    const sample = `np.full(${shape}, ${allowedValue(data)}, np.float32)`;
    return [...open, `feeds = {session.get_inputs()[0].name: ${sample}}`, run];
  }
  const cells = data.columns.map((column) => `${JSON.stringify(column.name)}: ${JSON.stringify(exampleOf(column))}`);
  return [
    ...open,
    `row = {${cells.join(', ')}}`,
    'feeds = {k: np.array([[v]], object if isinstance(v, str) else np.float32) for k, v in row.items()}',
    run,
  ];
}

function node(data: DataDescription | undefined, inputShape: readonly number[]): string[] {
  const open = [
    "import { InferenceSession, Tensor } from 'onnxruntime-node';",
    "const session = await InferenceSession.create('model.onnx');",
  ];
  const run = 'for (const [name, { data }] of Object.entries(await session.run(feeds))) console.log(name, data);';
  if (data?.kind !== 'table') {
    const shape = [1, ...sampleShape(data, inputShape)];
    const sample = `new Float32Array(${elementCount(shape)}).fill(${allowedValue(data)})`;
    return [...open, `const feeds = { [session.inputNames[0]]: new Tensor(${sample}, [${shape.join(', ')}]) };`, run];
  }
  const cells = data.columns.map((column) => `${JSON.stringify(column.name)}: ${JSON.stringify(exampleOf(column))}`);
  const tensor = "new Tensor(typeof cell === 'string' ? 'string' : 'float32', [cell], [1, 1])";
  return [
    ...open,
    `const row = { ${cells.join(', ')} };`,
    `const feeds = Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, ${tensor}]));`,
    run,
  ];
}

/** As the files have it. */
function sampleShape(data: DataDescription | undefined, inputShape: readonly number[]): readonly number[] {
  if (data?.kind === 'images') return [data.channels, data.height, data.width];
  return data?.kind === 'vectors' ? shapeInFiles(data) : inputShape;
}

/** One that the task allows. */
function allowedValue(data: DataDescription | undefined): number {
  if (data?.kind === 'images') return data.valueRange[0];
  return data?.kind === 'vectors' ? data.range[0] : 0;
}

function exampleOf(column: Column): string | number {
  if (column.kind === 'category') return column.values[0]!;
  const { range, mean, scaling } = column;
  const typical = scaling === 'federated' ? undefined : mean;
  const value = typical ?? (range === undefined ? 1 : (range[0] + range[1]) / 2);
  const rounded = Number(value.toPrecision(3));
  return range !== undefined && (rounded < range[0] || rounded > range[1]) ? value : rounded;
}
