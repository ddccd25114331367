/** Requests to a program and its answers, one after the other. A program that keeps silent is killed. */
import { TributaryError } from '../../core/errors.ts';
import { type EngineCommand, launch } from './launch.ts';
import { type AnswerType, answerOf, type EngineAnswer, type EngineRequest, readLine } from './messages.ts';

export interface Listening {
  /** A line of its standard error. */
  onLine(line: string): void;
  /** What it does wrong and may go on with, as a sentence. */
  onProblem(sentence: string): void;
}

export interface ChildOptions extends Listening {
  command: EngineCommand;
  /** So long without a word, while something is asked. */
  silenceSeconds: number;
}

export type Progress = EngineAnswer<'progress'>;

export interface Child {
  /** Errors: ENGINE_UNAVAILABLE (retryable), and then the program has ended unless it has said itself that it failed. */
  ask<R extends EngineRequest>(
    request: R,
    onProgress?: (progress: Progress) => void,
  ): Promise<EngineAnswer<(typeof answerOf)[R['type']]>>;
  readonly hasEnded: boolean;
  /** Answers whether it has ended by itself when its input ended. */
  stop(graceMs?: number): Promise<boolean>;
}

interface Asked {
  id: number;
  type: AnswerType;
  onProgress(progress: Progress): void;
  resolve(answer: EngineAnswer<AnswerType>): void;
  reject(error: Error): void;
}

export function startChild({ command, silenceSeconds, onLine, onProblem }: ChildOptions): Child {
  const name = nameOf(command);
  let lastId = 0;
  let asked: Asked | undefined;
  let ended: TributaryError | undefined;
  let silence: NodeJS.Timeout | undefined;
  let strayIsSaid = false;

  const program = launch(command, {
    onOutput(line) {
      renewPatience();
      hear(line);
    },
    onError(line) {
      renewPatience();
      onLine(line);
    },
    onEnd: (problem) => giveUp(unavailable(name, problem)),
  });

  function hear(line: string): void {
    const heard = readLine(line);
    if ('stray' in heard) {
      if (!strayIsSaid)
        onProblem(
          `${name} prints to its standard output, which is for messages: "${line.slice(0, 100)}" is passed over; print to standard error.`,
        );
      strayIsSaid = true;
    } else if ('problem' in heard) giveUp(unavailable(name, heard.problem));
    else if (asked === undefined || heard.id !== asked.id) {
      const times = heard.id <= lastId && heard.id > 0 ? 'twice, or too late' : 'and nobody asked';
      onProblem(`${name} answers request ${heard.id} ${times}: the answer is passed over.`);
    } else if (heard.type === 'progress') asked.onProgress(heard.answer as Progress);
    else if (heard.type === 'failed') {
      const { message } = heard.answer as EngineAnswer<'failed'>;
      settle()?.reject(unavailable(name, `failed: ${message}`));
    } else if (heard.type !== asked.type)
      giveUp(unavailable(name, `answers "${heard.type}" where "${asked.type}" is due`));
    else settle()?.resolve(heard.answer);
  }

  function settle(): Asked | undefined {
    clearTimeout(silence);
    const settled = asked;
    asked = undefined;
    return settled;
  }

  function giveUp(error: TributaryError): void {
    ended ??= error;
    program.kill();
    settle()?.reject(ended);
  }

  function renewPatience(): void {
    if (asked === undefined) return;
    clearTimeout(silence);
    silence = setTimeout(() => {
      giveUp(unavailable(name, `has said nothing for ${silenceSeconds} s: it was killed`));
    }, 1000 * silenceSeconds);
  }

  return {
    get hasEnded() {
      return ended !== undefined;
    },
    ask(request, onProgress = () => undefined) {
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise<EngineAnswer<AnswerType>>((resolve, reject) => {
        asked = { id: ++lastId, type: answerOf[request.type], onProgress, resolve, reject };
        renewPatience();
        program.write(JSON.stringify({ id: lastId, ...request }));
      }) as ReturnType<Child['ask']> as never;
    },
    async stop(graceMs) {
      const isBusy = asked !== undefined;
      ended ??= new TributaryError('ABORTED', `${name} was stopped.`);
      settle()?.reject(ended);
      return await program.end(isBusy, graceMs);
    },
  };
}

/** As sentences begin. */
export function nameOf(command: EngineCommand): string {
  return `The engine "${typeof command === 'string' ? command : command.join(' ')}"`;
}

/** `problem` continues the sentence, without its end. */
export function unavailable(name: string, problem: string): TributaryError {
  return new TributaryError('ENGINE_UNAVAILABLE', `${name} ${problem.replace(/[.\s]+$/, '')}.`, { retryable: true });
}
