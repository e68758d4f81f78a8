import { LockstepError } from '../../lambdas/core/errors.ts';
import type {
  LeaseCommand,
  LeaseCommandName,
  LeaseCommands,
  LeaseFunctions,
} from '../../lambdas/core/ports/lease-functions.ts';

/** A lease function as its caller sees it: one command in, one answer out. */
export type RunLeaseCommand = (command: LeaseCommand) => Promise<unknown>;

/** `LeaseFunctions` that calls functions of this process, one for each kind. */
export class LocalLeases implements LeaseFunctions {
  readonly #kinds = new Map<string, RunLeaseCommand>();
  readonly calls: LeaseCommand[] = [];
  /** What happens elsewhere while a command is on its way, and while its answer is. */
  before: (command: LeaseCommand) => Promise<unknown> = async () => undefined;
  after: (command: LeaseCommand) => Promise<unknown> = async () => undefined;

  /** Wires a kind's function; again replaces it, as a new process does. */
  wire(kind: string, run: RunLeaseCommand): void {
    this.#kinds.set(kind, run);
  }

  async call<C extends LeaseCommandName>(
    kind: string,
    command: { readonly do: C; readonly leasable: string } & LeaseCommands[C]['asks'],
  ): Promise<LeaseCommands[C]['answers']> {
    const run = this.#kinds.get(kind);
    if (!run) throw new LockstepError('TARGET_UNREACHABLE', `no lease function of kind ${kind} is wired`);
    const given = command as unknown as LeaseCommand;
    this.calls.push(given);
    await this.before(given);
    const answer = (await run(given)) as LeaseCommands[C]['answers'];
    await this.after(given);
    return answer;
  }
}
