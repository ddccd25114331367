import type { Output } from './output.ts';

/** One JSON object a line, with the name of the process; the summary is the last. */
export function createJsonOutput(write: (text: string) => void): Output {
  const print = (object: object) => write(`${JSON.stringify(object)}\n`);
  const now = () => Date.now() / 1000;
  return {
    expect() {},
    run: (event) => print({ at: now(), process: 'start', ...event }),
    process: (name, event) => print({ process: name, ...event }),
    rounds() {},
    summary: (summary) => print({ at: now(), process: 'start', event: 'summary', ...summary }),
    close() {},
  };
}
