import type { Secret } from '../../lambdas/core/secret.ts';

/** The person at the keyboard, and what is piped in. */
export interface Terminal {
  /** A person can be asked: input and messages are a terminal. */
  readonly isInteractive: boolean;
  /** Asks for a line. Throws `NOT_CONFIRMED` when the person breaks off. */
  ask(question: string): Promise<string>;
  /** Asks for a line that is not shown, in no history, and is not split where it was pasted in several lines. */
  askHidden(question: string): Promise<Secret>;
  /** Everything on standard input. Throws `COMMAND_INVALID` where that is a terminal, which would show it. */
  readPiped(): Promise<Secret>;
}
