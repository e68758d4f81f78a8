import type { AuditSubject } from '../core/audit/audited-effect.ts';
import type { AuditAction } from '../core/audit/record.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import type { TargetPorts } from './target-ports.ts';

/** What the audit says of an effect that belongs to a rotation. */
export function auditSubject(
  ports: Pick<TargetPorts, 'functionName'>,
  rotation: Rotation,
  action: AuditAction,
  what: { readonly version?: string; readonly key?: string } = {},
): AuditSubject {
  const { credential, token, cause, reason, requestedBy } = rotation;
  return {
    chain: credential,
    action,
    who: { kind: 'function', name: ports.functionName, via: requestedBy },
    what: { credential, rotation: token, ...what },
    why: { cause, ...(reason === undefined ? {} : { reason }) },
  };
}
