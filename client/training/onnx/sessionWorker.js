/**
 * The thread in which ONNX Runtime computes: its `run` blocks the thread that calls it. Plain JavaScript, so that a worker
 * can start from it under any loader. It answers each message {id, …} with {id, result} or {id, error}.
 */
import { parentPort, workerData } from 'node:worker_threads';
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

/** Shared with the other side: whether we compute, and whether we must not begin to. */
const { state } = workerData;
const [busy, closing] = [0, 1];

async function answer(action, message) {
  try {
    return { result: await actions[action](message) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort.on('message', async ({ id, action, ...message }) => {
  Atomics.store(state, busy, 1);
  const closed = Atomics.load(state, closing) === 1;
  const reply = closed ? { error: 'closing' } : await answer(action, message);
  Atomics.store(state, busy, 0); // before the reply, upon which this thread may be stopped
  Atomics.notify(state, busy);
  const buffers = Object.values(reply.result ?? {}).flatMap(({ data }) => data.buffer ?? []); // texts have none
  parentPort.postMessage({ id, ...reply }, [...new Set(buffers)]);
});
parentPort.postMessage({ id: 0 });
