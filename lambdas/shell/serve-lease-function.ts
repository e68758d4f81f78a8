import type { Context } from 'aws-lambda';
import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { leaseAnswer, parseLeaseRequest } from '../contracts/lease-request.ts';
import type { Leaser } from '../core/ports/leaser.ts';
import { serveLease } from '../serve-lease/serve-lease.ts';
import { assertAllowedBy } from './lease-alias.ts';
import { readEnvironment } from './read-environment.ts';
import { openShell, serveInvocation } from './serve.ts';
import { wireVault } from './wiring.ts';

/** A kind's lease function: its leaser, wired to the shared use case. */
export interface LeaseFunction {
  /** The folder under `lambdas/leasers/`. */
  readonly kind: string;
  readonly leaser: Leaser;
  /** `import.meta.url` of the handler, beside which the inventory lies. */
  readonly beside: string;
}

/** The handler of a lease function. A value leaves it once, in the answer to `issue`: never logged, never kept. */
export function serveLeaseFunction({
  kind,
  leaser,
  beside,
}: LeaseFunction): (input: unknown, context: Pick<Context, 'invokedFunctionArn'>) => Promise<object> {
  const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.lease);
  const shell = openShell(env);
  const serve = serveLease({
    inventory: readInventoryFile(beside),
    mark: env.DEPLOYMENT_MARK,
    kind,
    leaser,
    vault: wireVault(),
    metrics: shell.metrics,
    clock: systemClock,
    functionName: env.LOCKSTEP_FUNCTION,
  });
  return (input, { invokedFunctionArn }) =>
    serveInvocation(shell, async (request: unknown) => {
      const command = parseLeaseRequest(request);
      assertAllowedBy(invokedFunctionArn, command.do);
      return leaseAnswer(await serve(command));
    })(input);
}
