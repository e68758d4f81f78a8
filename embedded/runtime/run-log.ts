import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError } from '../../lambdas/core/errors.ts';

/** What happens in the runtime, one JSON object a line: codes and our own texts, never a value. */
export class RunLog {
  readonly #path: string;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#path = path;
  }

  say(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    try {
      appendFileSync(
        this.#path,
        `${JSON.stringify({ at: new Date().toISOString(), message, ...fields })}\n`,
        { mode: 0o600 },
      );
    } catch {
      // A full disk must not end a runtime whose stores still work.
    }
  }

  trouble(what: string, error: unknown): void {
    this.say('trouble', { what, ...(error === undefined ? {} : describeError(error)) });
  }
}
