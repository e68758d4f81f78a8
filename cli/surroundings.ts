import type { NewId } from '../lambdas/core/ports/ids.ts';
import type { Clock } from '../lambdas/core/time.ts';
import type { Connection } from './connection/connection.ts';
import type { Terminal } from './input/terminal.ts';
import type { Timeouts } from './connection/socket-connection.ts';
import type { Serving } from './serving.ts';

/** Where text goes. */
interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** How wide a terminal is, in characters. */
  readonly columns?: number;
}

/** Which pipeline is meant. */
export interface Place {
  /** The workspace: where lockstep.config.ts and .lockstep are. */
  readonly folder: string;
  /** An environment on AWS; absent: the embedded world of the folder. */
  readonly stage?: string;
  readonly timeouts?: Timeouts;
  /** Only where somebody works already: no files are opened. */
  readonly onlyRunning?: boolean;
}

/** Everything that a command meets outside itself. */
export interface Surroundings {
  readonly output: Output;
  readonly errors: Output;
  /** The person at the keyboard, and whatever is piped in. */
  readonly terminal: Terminal;
  readonly variables: Readonly<Record<'NO_COLOR' | 'TERM', string | undefined>>;
  readonly workingFolder: string;
  readonly version: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly connect: (place: Place) => Promise<Connection>;
  readonly loadWorkspace: (folder: string) => Promise<unknown>;
  /** Reads a page of text from the runtime's own endpoint on loopback. */
  readonly readMetrics: (folder: string) => Promise<string | undefined>;
  /** For commands that go on. */
  readonly serving: Serving;
}
