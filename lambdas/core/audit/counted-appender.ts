import type { AuditAppender } from '../ports/audit.ts';
import type { Metrics } from '../ports/metrics.ts';

/** An appender that counts what it could not write, so that somebody is woken, and measures what it could. */
export function countedAppender(
  appender: AuditAppender,
  metrics: Metrics,
  milliseconds: () => number,
): AuditAppender {
  return {
    append: async (entry) => {
      const startedAt = milliseconds();
      try {
        const record = await appender.append(entry);
        metrics.observe('lockstep_audit_append_milliseconds', {}, milliseconds() - startedAt);
        return record;
      } catch (error) {
        metrics.count('lockstep_audit_failures', { kind: 'append' });
        throw error;
      }
    },
  };
}
