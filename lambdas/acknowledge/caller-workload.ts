import type { Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';

/**
 * The workload behind a signed caller. IAM names the session of a role without the role's path
 * (`assumed-role/<role>/<session>`); role names are unique in an account, so account and name decide.
 *
 * Throws `NOT_BOUND`, which tells a stranger nothing about who would be.
 */
export function callerWorkload(inventory: Inventory, callerArn: string): string {
  const caller = /^arn:aws[^:]*:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(callerArn);
  const found = inventory.workloads.find(({ principal }) => {
    const role = /^arn:aws[^:]*:iam::(\d{12}):role\/(?:.+\/)?([^/]+)$/.exec(principal);
    return caller !== null && role !== null && caller[1] === role[1] && caller[2] === role[2];
  });
  if (found) return found.name;
  throw new LockstepError('NOT_BOUND', 'this principal is no workload of this environment');
}
