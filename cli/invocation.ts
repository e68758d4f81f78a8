import { LockstepError } from '../lambdas/core/errors.ts';
import type { Connection } from './connection/connection.ts';
import type { Timeouts } from './connection/socket-connection.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { demandNoValues } from './looks-like-a-value.ts';
import { paintFor, type Paint } from './output/paint.ts';
import type { Place, Surroundings } from './surroundings.ts';

/** What every command takes besides its own options. */
export interface SharedOptions {
  readonly json?: boolean;
  readonly stage?: string;
  readonly folder?: string;
  readonly timeout?: number;
}

/** One use of a command: its options, and everything it may reach. */
export class Invocation<O extends object = object> {
  readonly options: O & SharedOptions;
  readonly surroundings: Surroundings;
  readonly paint: Paint;
  #connection: Promise<Connection> | undefined;

  constructor(surroundings: Surroundings, options: O & SharedOptions) {
    this.surroundings = surroundings;
    this.options = options;
    const { NO_COLOR: noColor, TERM: terminal } = surroundings.variables;
    this.paint = paintFor({ isTerminal: surroundings.output.isTerminal, noColor, terminal });
  }

  /** How wide a line may be: that of the terminal; as wide as it gets, for what reads on. */
  get width(): number {
    const { isTerminal, columns } = this.surroundings.output;
    return isTerminal && columns !== undefined && columns > 0 ? columns : Infinity;
  }

  /** Which pipeline the command line means. */
  get place(): Place {
    const { stage, folder, timeout } = this.options;
    const timeouts: Timeouts | undefined =
      timeout === undefined ? undefined : { orderSeconds: timeout, querySeconds: timeout };
    return {
      folder: folder ?? this.surroundings.workingFolder,
      ...(stage === undefined ? {} : { stage }),
      ...(timeouts ? { timeouts } : {}),
    };
  }

  /** The way to the pipeline, opened once and closed at the end. */
  connect(): Promise<Connection> {
    this.#connection ??= this.surroundings.connect(this.place);
    return this.#connection;
  }

  /** The result: the object for programs, the text for people. */
  answer(result: object, text: () => string, code: ExitCode = EXIT.done): ExitCode {
    this.surroundings.output.write(`${this.options.json ? JSON.stringify(result, null, 2) : text()}\n`);
    return code;
  }

  /** Something that a person should know besides the result. */
  remark(text: string): void {
    if (!this.options.json) this.surroundings.errors.write(`${text}\n`);
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }
}

/** The reason of an order: given, or asked for where there is a person to ask. */
export async function reasonOf(
  { surroundings, options }: Invocation<{ readonly reason?: string }>,
  order: string,
): Promise<string> {
  const given =
    options.reason ??
    (surroundings.terminal.isInteractive
      ? await surroundings.terminal.ask('Reason (kept in the audit): ')
      : '');
  const reason = given.trim();
  // What was typed at the prompt has not been looked at yet.
  demandNoValues([reason]);
  if (reason !== '') return reason;
  throw new LockstepError(
    'COMMAND_INVALID',
    `the order ${order} needs a reason, which the audit keeps for whoever reads it next; add --reason '…'`,
  );
}
