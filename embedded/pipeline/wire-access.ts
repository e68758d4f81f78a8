import { leaseFunction } from '../../lambdas/contracts/names.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuditAppender } from '../../lambdas/core/ports/audit.ts';
import type { LeaseCommand, LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import { answerAccess, type AccessRequest } from '../../lambdas/grant-lease/answer-access.ts';
import { grantLease } from '../../lambdas/grant-lease/grant-lease.ts';
import { serveLease, type LeaseService } from '../../lambdas/serve-lease/serve-lease.ts';
import { sweepLeases, type SweepLeases } from '../../lambdas/sweep-leases/sweep-leases.ts';
import type { AccessParts, PipelineParts } from './pipeline-parts.ts';

/** The functions of leases on one machine: the same use cases that the handlers on AWS call. */
export interface AccessPipeline {
  readonly answerAccess: (request: AccessRequest) => ReturnType<typeof answerAccess>;
  readonly sweepLeases: SweepLeases;
  readonly leases: LeaseFunctions;
}

/** Wires broker, sweeper and lease functions. Each lease function gets its own vault, so that who reads is known. */
export function wireAccess(parts: PipelineParts, access: AccessParts, audit: AuditAppender): AccessPipeline {
  const { inventory, mark, ledger, metrics, clock, newId, timer, sleep } = parts;
  const leases = localLeases(parts, access);
  const system = { inventory, ledger, metrics, clock, newId, audit, leases };
  const { policy, randomBytes, capabilitiesOf, tokens } = access;
  const broker = {
    ...system,
    functionName: 'grant-lease',
    mark,
    policy,
    timer,
    randomBytes,
    sleep,
    capabilitiesOf,
  };
  const doors = {
    recognise: { inventory, ledger, metrics, clock, newId, tokens },
    finding: { ...broker, ...parts.limits },
    grant: grantLease(broker),
  };
  return {
    answerAccess: (request) => answerAccess(doors, request),
    sweepLeases: sweepLeases({ ...system, functionName: 'sweep-leases', capabilitiesOf }),
    leases,
  };
}

/** The lease function of each kind that the inventory leases. */
function localLeases(
  { inventory, mark, metrics, clock, vaultFor }: PipelineParts,
  { leaserFor }: AccessParts,
): LeaseFunctions {
  const kinds = new Set(accessOf(inventory).leasables.map(({ kind }) => kind));
  const services = new Map<string, LeaseService>(
    [...kinds].map((kind) => {
      const functionName = leaseFunction(kind);
      const vault = vaultFor(functionName);
      const ports = { inventory, mark, kind, leaser: leaserFor(kind), vault, metrics, clock, functionName };
      return [kind, serveLease(ports)];
    }),
  );
  return {
    call: async (kind, command) => {
      const service = services.get(kind);
      if (!service)
        throw new LockstepError('TARGET_UNREACHABLE', `there is no lease function of the kind ${kind}`);
      // The compiler cannot follow that command and answer belong together; the signature of `call` has made sure of it.
      return service(command as unknown as LeaseCommand);
    },
  };
}
