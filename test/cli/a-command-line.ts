import { randomBytes } from 'node:crypto';
import { realPause } from '../../client/access/pause.ts';
import { run } from '../../cli/run.ts';
import type { Place, Surroundings } from '../../cli/surroundings.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { NOW, PipelineDouble } from './a-connection.ts';

/** Where the example lies, with its policies. */
export const EXAMPLE_FOLDER = new URL('../../', import.meta.url).pathname;

/** What a person at the keyboard would do. */
interface Person {
  /** Answers in the order of the questions; nobody sits there where it is absent. */
  readonly answers?: readonly string[];
  readonly hidden?: string;
  readonly piped?: string;
}

const notServed = (): never => {
  throw new TypeError('the test has not said what a command that goes on meets');
};

const NOTHING_SERVED: Surroundings['serving'] = {
  environment: {},
  streams: { input: process.stdin, output: process.stdout },
  openAccess: notServed,
  runProgram: notServed,
  stopping: () => new AbortController().signal,
  randomBytes: (length) => randomBytes(length),
  elapsed: () => performance.now(),
  pause: realPause,
};

/** A command line that is not a process: what it said, and what it reached. */
export class CommandLine {
  readonly pipeline = new PipelineDouble();
  readonly places: Place[] = [];
  readonly asked: string[] = [];
  output = '';
  errors = '';
  person: Person = {};
  workspace: unknown = {};
  /** What the file of a folder says, where versions of it are told apart. */
  workspaceIn: (folder: string) => unknown = () => this.workspace;
  metrics: string | undefined;
  isTerminal = false;
  columns: number | undefined;
  workingFolder = '/workspace';
  variables: Surroundings['variables'] = { NO_COLOR: undefined, TERM: 'xterm' };
  unreachable: LockstepError | undefined;
  clock: Surroundings['clock'] = () => new Date(NOW);
  newId: Surroundings['newId'] = () => 'an-id';
  /** For commands that go on: what they meet. */
  serving: Partial<Surroundings['serving']> = {};

  /** Runs one line, written as in a shell: words apart, quoted ones together. */
  async run(line: string): Promise<number> {
    return this.runWords(
      [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
    );
  }

  async runWords(words: readonly string[]): Promise<number> {
    [this.output, this.errors] = ['', ''];
    return run(words, this.#surroundings());
  }

  /** Everything that was said, on both streams. */
  get said(): string {
    return this.output + this.errors;
  }

  /** The result as a program reads it. */
  get json(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.output) as Readonly<Record<string, unknown>>;
  }

  /** The failure as a program reads it. */
  get failure(): Readonly<Record<string, unknown>> {
    return (JSON.parse(this.errors) as { readonly error: Readonly<Record<string, unknown>> }).error;
  }

  #surroundings(): Surroundings {
    return {
      output: {
        write: (text) => void (this.output += text),
        isTerminal: this.isTerminal,
        ...(this.columns === undefined ? {} : { columns: this.columns }),
      },
      errors: { write: (text) => void (this.errors += text), isTerminal: this.isTerminal },
      terminal: this.#terminal(),
      variables: this.variables,
      workingFolder: this.workingFolder,
      version: '1.2.3',
      clock: this.clock,
      newId: this.newId,
      connect: async (place) => {
        this.places.push(place);
        if (this.unreachable) throw this.unreachable;
        return this.pipeline;
      },
      loadWorkspace: async (folder) => this.workspaceIn(folder),
      readMetrics: async () => this.metrics,
      serving: { ...NOTHING_SERVED, ...this.serving },
    };
  }

  #terminal(): Surroundings['terminal'] {
    const { answers, hidden, piped } = this.person;
    const waiting = [...(answers ?? [])];
    return {
      isInteractive: answers !== undefined || hidden !== undefined,
      ask: async (question) => {
        this.asked.push(question);
        const answer = waiting.shift();
        if (answer === undefined) throw new LockstepError('NOT_CONFIRMED', 'broken off; nothing was done');
        return answer;
      },
      askHidden: async (question) => {
        this.asked.push(question);
        return new Secret(hidden ?? '');
      },
      readPiped: async () => {
        if (piped === undefined) throw new LockstepError('COMMAND_INVALID', 'standard input is a terminal');
        return new Secret(piped);
      },
    };
  }
}
