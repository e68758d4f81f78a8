import type { Readable, Writable } from 'node:stream';
import type { AccessConnection } from '../client/access/access-connection.ts';
import type { Pause } from '../client/access/pause.ts';
import type { RandomBytes } from '../lambdas/core/ports/ids.ts';
import type { Secret } from '../lambdas/core/secret.ts';
import type { AccessPlace } from './connection/access-place.ts';

/** A program that a command runs. */
export interface Program {
  readonly command: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What it reads on its standard input, in place of that of this process. */
  readonly input?: Secret;
}

/** What commands meet that go on for as long as somebody uses what they serve. */
export interface Serving {
  /** The environment of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What this process is spoken to by, where a command serves a protocol on it. */
  readonly streams: { readonly input: Readable; readonly output: Writable };
  readonly openAccess: (place: AccessPlace) => Promise<AccessConnection>;
  /**
   * Runs a program on the streams of this process: with what code it ended. Throws `COMMAND_INVALID` where there is no
   * such program.
   */
  readonly runProgram: (program: Program) => Promise<number>;
  /** Listens from now on for whoever ends this process, in place of its sudden death: what is held has to be given back. */
  readonly stopping: () => AbortSignal;
  readonly randomBytes: RandomBytes;
  /** Milliseconds of a clock that nobody can set. */
  readonly elapsed: () => number;
  readonly pause: Pause;
}
