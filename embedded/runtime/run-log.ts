import { describeError, isLockstepError } from '../../lambdas/core/errors.ts';
import { LineFile } from '../files/line-file.ts';
import { stackFrames } from './stack-frames.ts';

/** Something that failed and is tried again. */
export interface Trouble {
  readonly at: string;
  readonly text: string;
}

/** What happens in the runtime, one JSON object a line: codes and our own texts, never a value. */
export class RunLog {
  readonly #lines: LineFile;
  #trouble: Trouble | undefined;

  constructor(path: string) {
    this.#lines = new LineFile(path);
  }

  say(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#lines.append({ at: new Date().toISOString(), message, ...fields });
  }

  /** The last trouble: for whoever looks on, since a full disk keeps it from the file as well. */
  get lastTrouble(): Trouble | undefined {
    return this.#trouble;
  }

  trouble(what: string, error: unknown): void {
    if (isLockstepError(error))
      this.#trouble = { at: new Date().toISOString(), text: `${what}: ${error.message} (${error.code})` };
    this.say('trouble', { what, ...(error === undefined ? {} : told(error)) });
  }
}

/** Of an error that is none of ours the places in code as well, which nothing else keeps. */
const told = (error: unknown): object =>
  isLockstepError(error) ? describeError(error) : { ...describeError(error), stack: stackFrames(error) };
