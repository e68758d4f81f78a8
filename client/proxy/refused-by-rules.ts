import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Authority } from './authority.ts';

/** Nothing lets a request pass. What it asked for is not repeated: a path may hold anything. */
export const refusedByRules = ({ host, port }: Authority): LockstepError =>
  new LockstepError(
    'EGRESS_REFUSED',
    `no egress rule of the lease lets this request to ${host}:${port} pass: its host, method and path have to be named in the inventory`,
  );
