/**
 * The thread in which ONNX Runtime computes: its `run` blocks the thread that calls it. Plain JavaScript, so that a worker
 * can start from it under any loader. It answers each message {id, …} with {id, result} or {id, error}.
 */
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const sessions = new Map();

const toTensors = (values) =>
  Object.fromEntries(
    Object.entries(values).map(([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)]),
  );

const actions = {
  async create({ session, bytes, options }) {
    sessions.set(session, { inference: await InferenceSession.create(bytes, options), bound: {} });
  },
  async bind({ session, feeds }) {
    sessions.get(session).bound = toTensors(feeds);
  },
  async run({ session, feeds }) {
    const { inference, bound } = sessions.get(session);
    const outputs = await inference.run({ ...bound, ...toTensors(feeds) });
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { type, data, dims }]) => [name, { type, data, dims }]),
    );
  },
  async release({ session }) {
    await sessions.get(session)?.inference.release();
    sessions.delete(session);
  },
};

parentPort.on('message', async ({ id, action, ...message }) => {
  try {
    const result = await actions[action](message);
    const buffers = new Set(Object.values(result ?? {}).map(({ data }) => data.buffer));
    parentPort.postMessage({ id, result }, [...buffers]);
  } catch (error) {
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
parentPort.postMessage({ id: 0 });
