import { reasonsOf } from '../describe-access.ts';
import type { Rule } from '../sight.ts';
import { stretchStart } from '../stretch.ts';

/**
 * Root asks for a value, of any secret of the account, served or not. Critical: root is nobody's daily
 * identity, no policy of ours binds it, and whoever has it can undo the watch next.
 */
export const rootRead: Rule = ({ access, subject, list, stretchSeconds }) => {
  if (!access.isRead || access.principal.type !== 'root') return [];
  const credential = subject.kind === 'watched' ? subject.watched.credential?.name : undefined;
  return [
    {
      rule: 'root-read',
      severity: 'critical',
      principal: access.principal,
      ...(credential === undefined ? {} : { credential }),
      subject: subject.key,
      stretch: stretchStart(access.at, stretchSeconds),
      first: { at: access.at, eventId: access.eventId },
      others: [],
      evidence: 'more',
      reasons: reasonsOf(access, subject, list, {
        odd: 'the account root user asked for the value of a secret',
        normal: 'nobody works as root; workloads and functions read by their own roles',
      }),
    },
  ];
};
