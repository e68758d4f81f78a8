import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId, systemPause } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { parseTargetRequest } from '../contracts/target-request.ts';
import { LockstepError } from '../core/errors.ts';
import type { Rotator } from '../core/ports/rotator.ts';
import type { TargetCommandName, TargetCommands } from '../core/ports/targets.ts';
import { serveTarget, type TargetService } from '../serve-target/serve-target.ts';
import { readEnvironment } from './read-environment.ts';
import { openShell, serveCaller, serveInvocation } from './serve.ts';
import { wireAppender, wireLedger, wireVault } from './wiring.ts';

/** A family's target function: its rotators, wired to the shared use cases. */
export interface TargetFunction {
  readonly family: string;
  /** One per kind of the family. */
  readonly rotators: Readonly<Record<string, Rotator>>;
  /** `import.meta.url` of the handler, beside which the inventory lies. */
  readonly beside: string;
}

/**
 * The handler of a target function. Secrets Manager takes a thrown error as a failed step; a command's error
 * crosses in our own form, so that its remedy survives.
 */
export function serveTargetFunction({
  family,
  rotators,
  beside,
}: TargetFunction): (input: unknown) => Promise<unknown> {
  const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.target);
  const shell = openShell(env);
  const service = serveTarget({
    inventory: readInventoryFile(beside),
    mark: env.DEPLOYMENT_MARK,
    family,
    ledger: wireLedger(env),
    vault: wireVault(),
    audit: wireAppender(env, shell.metrics),
    metrics: shell.metrics,
    clock: systemClock,
    newId: systemNewId,
    sleep: systemPause,
    rotatorFor: rotatorsOf(rotators),
    functionName: env.LOCKSTEP_FUNCTION,
    lockSeconds: env.LOCK_SECONDS,
    vaultWritesPerSecond: env.VAULT_WRITES_PER_SECOND,
  });
  const step = serveCaller(shell, (input: unknown) => runStep(service, input));
  const command = serveInvocation(shell, (input: unknown) => runCommand(service, input));
  return (input) => (isStep(input) ? step(input) : command(input));
}

/** The rotator of a kind, or an error that says that this function has none. */
export const rotatorsOf =
  (rotators: Readonly<Record<string, Rotator>>) =>
  (kind: string): Rotator => {
    const found = Object.hasOwn(rotators, kind) ? rotators[kind] : undefined;
    if (found) return found;
    throw new LockstepError('NOT_SUPPORTED', `this target function has no rotator for the kind ${kind}`);
  };

const isStep = (input: unknown): boolean => typeof input === 'object' && input !== null && 'Step' in input;

async function runStep(service: TargetService, input: unknown): Promise<void> {
  const request = parseTargetRequest(input);
  if (request.is === 'step') await service.step(request.step);
}

async function runCommand(
  service: TargetService,
  input: unknown,
): Promise<TargetCommands[TargetCommandName]['answers']> {
  const request = parseTargetRequest(input);
  if (request.is === 'command') return service.command(request.command);
  throw new LockstepError('MALFORMED_REQUEST', 'a step came as a command');
}
