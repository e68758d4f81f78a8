import { escapeIdentifier, escapeLiteral } from 'pg';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Instant } from '../../core/time.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { asAuthority } from './as-authority.ts';
import { changeLease } from './change-lease.ts';
import { decideRenewal } from './lease-decision.ts';
import { commentOf } from './lease-memory.ts';
import { roleOf } from './lease-names.ts';

/** Moves the moment from which the server lets nobody in. Password, rights and sessions stay as they are. */
export function renewRole(ports: PostgresPorts, request: LeaserRequest, expiresAt: Instant): Promise<void> {
  const role = escapeIdentifier(roleOf(request.leaseId));
  return asAuthority(ports, request, 'renew', (session) =>
    changeLease(ports, session, request, (state) => {
      decideRenewal(state, request);
      const memory = state.role?.memory;
      const remembered = memory
        ? [`COMMENT ON ROLE ${role} IS ${escapeLiteral(commentOf({ ...memory, fence: request.fence }))}`]
        : [];
      return {
        statements: [`ALTER ROLE ${role} VALID UNTIL ${escapeLiteral(expiresAt)}`, ...remembered],
        answer: undefined,
      };
    }),
  );
}
