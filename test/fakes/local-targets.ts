import { LockstepError } from '../../lambdas/core/errors.ts';
import type {
  TargetCommand,
  TargetCommandName,
  TargetCommands,
  TargetFunctions,
} from '../../lambdas/core/ports/targets.ts';

/** A target function as the caller sees it: one command in, one answer out. */
export type RunCommand = (command: TargetCommand) => Promise<unknown>;

/** `TargetFunctions` that calls functions of this process, one per family. */
export class LocalTargets implements TargetFunctions {
  readonly #families = new Map<string, RunCommand>();
  readonly #calls: TargetCommand[] = [];

  /** Wires a family's function; again replaces it, as a new process does. */
  wire(family: string, run: RunCommand): void {
    this.#families.set(family, run);
  }

  /** Every command that was sent so far. */
  get calls(): readonly TargetCommand[] {
    return this.#calls;
  }

  async call<C extends TargetCommandName>(
    family: string,
    command: { readonly do: C; readonly credential: string } & TargetCommands[C]['asks'],
  ): Promise<TargetCommands[C]['answers']> {
    const run = this.#families.get(family);
    if (!run)
      throw new LockstepError('TARGET_UNREACHABLE', `no target function of family ${family} is wired`);
    this.#calls.push(command as unknown as TargetCommand);
    return (await run(command as unknown as TargetCommand)) as TargetCommands[C]['answers'];
  }
}
