import { reasonsOf } from '../describe-access.ts';
import { givenUpVersion } from '../given-up.ts';
import type { Rule } from '../sight.ts';
import { stretchStart } from '../stretch.ts';
import { readerOf } from '../watch-list.ts';

/**
 * Somebody who may read the credential is served a version that was given up: by its id, or as AWSPREVIOUS.
 * Medium: most often a client that pins a version and breaks when that is revoked; at times a thief who
 * collects what still works.
 *
 * Target functions are exempt, because ending a version takes reading it; the rule about their intents
 * judges them. Whoever may not read the credential at all is the unbound rule's.
 */
export const retiredVersionRead: Rule = ({ access, subject, list, own, stretchSeconds }) => {
  if (!access.isRead || access.outcome !== 'served' || subject.kind !== 'watched') return [];
  const reader = readerOf(access.principal, subject.watched);
  if (!reader || reader.as === 'target-function' || !subject.watched.credential) return [];
  const givenUp = givenUpVersion(own.rotations, access);
  if (!givenUp) return [];
  return [
    {
      rule: 'retired-version-read',
      severity: 'medium',
      principal: access.principal,
      credential: subject.watched.credential.name,
      subject: `${subject.key} ${givenUp.version}`,
      stretch: stretchStart(access.at, stretchSeconds),
      first: { at: access.at, eventId: access.eventId },
      others: [],
      evidence: 'more',
      reasons: reasonsOf(access, subject, list, {
        odd: `it was version ${givenUp.version}, which rotation ${givenUp.rotation} gave up; the overlap ended at ${givenUp.since}`,
        normal: 'readers ask for AWSCURRENT, and for another version only while a rotation overlaps',
      }),
    },
  ];
};
