import type { Access } from '../access.ts';
import { readersText, reasonsOf } from '../describe-access.ts';
import type { Rule } from '../sight.ts';
import { stretchStart } from '../stretch.ts';
import { readerOf } from '../watch-list.ts';

/**
 * Somebody asks for the value of a credential who is no workload that it is bound to, no function of
 * Lockstep that works with it, and no adopter.
 *
 * Critical where it was served or may have been: then the value is out. High where it was not: the policy
 * held, and somebody is trying. How it went is part of the subject, so that a success after a refusal is
 * news. Root has a rule of its own.
 */
export const unboundRead: Rule = ({ access, subject, list, stretchSeconds }) => {
  if (!access.isRead || access.principal.type === 'root' || subject.kind !== 'watched') return [];
  const { watched, key } = subject;
  if (readerOf(access.principal, watched)) return [];
  const isOut = mayBeOut(access);
  return [
    {
      rule: 'unbound-read',
      severity: isOut ? 'critical' : 'high',
      principal: access.principal,
      ...(watched.credential ? { credential: watched.credential.name } : {}),
      subject: `${key} ${isOut ? 'served' : 'attempted'}`,
      stretch: stretchStart(access.at, stretchSeconds),
      first: { at: access.at, eventId: access.eventId },
      others: [],
      evidence: 'more',
      reasons: reasonsOf(access, subject, list, {
        odd: isOut
          ? 'this principal is not bound to it, and yet it was let in'
          : 'this principal is not bound to it, and tried',
        normal: readersText(watched.readers),
      }),
    },
  ];
};

const mayBeOut = ({ outcome }: Access): boolean => outcome === 'served' || outcome === 'asked';
