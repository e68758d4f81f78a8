import type { Notice } from '../../core/ports/propagator.ts';

/**
 * What a receiver reads: docs/formats/webhook.md. Ids and versions, never a value; the receiver reads that as
 * itself. Field by field, so that nothing which is added to a notice leaves by accident, and in one order,
 * because the bytes are signed.
 */
export function messageBody(notice: Notice): string {
  const { environment, credential, kind, rotation, version, replaces, dependent, expectation } = notice;
  return JSON.stringify({
    type: `credential.${notice.change}`,
    timestamp: notice.at,
    data: {
      environment,
      credential,
      kind,
      rotation,
      version,
      ...(replaces === undefined ? {} : { replaces }),
      dependent,
      ...(expectation === undefined ? {} : { expectation: { id: expectation.id, nonce: expectation.nonce } }),
    },
  });
}
