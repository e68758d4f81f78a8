import type { Intent } from '../../ledger-rows.ts';
import type { Rotation } from '../../rotation/rotation.ts';
import type { Instant } from '../../time.ts';
import { reasonsOf } from '../describe-access.ts';
import type { Past, Rule } from '../sight.ts';
import { SLACK_SECONDS, stretchStart } from '../stretch.ts';
import { readerOf } from '../watch-list.ts';

/**
 * The role of a target function reads a credential of its family at a moment for which the ledger holds no
 * rotation under way and no intent, for that credential or, where it is an authority, for one of its
 * children. High: nobody but our own code wears that role, and our code writes down why before it reads.
 *
 * Refused and failed reads count as well: the role had no reason to ask.
 */
export const rotationRoleWithoutIntent: Rule = ({ access, subject, list, own, children, stretchSeconds }) => {
  if (!access.isRead || subject.kind !== 'watched') return [];
  const { watched, key } = subject;
  const reader = readerOf(access.principal, watched);
  if (reader?.as !== 'target-function' || !watched.credential) return [];
  if (hasReason(own, access.at) || hasReason(children, access.at)) return [];
  const orChild = watched.children.length > 0 ? ' or of a credential that it is the authority of' : '';
  return [
    {
      rule: 'rotation-role-without-intent',
      severity: 'high',
      principal: access.principal,
      credential: watched.credential.name,
      subject: key,
      stretch: stretchStart(access.at, stretchSeconds),
      first: { at: access.at, eventId: access.eventId },
      others: [],
      evidence: 'more',
      reasons: reasonsOf(access, subject, list, {
        odd: `at that moment no rotation of it${orChild} was under way, and the ledger holds no intent to observe, reconcile, adopt or end a breach`,
        normal: `${reader.name} reads it in a rotation, or after it has written an intent`,
      }),
    },
  ];
};

const hasReason = ({ rotations, intents }: Past, at: Instant): boolean =>
  rotations.some((rotation) => isUnderWay(rotation, at)) || intents.some((intent) => isOpen(intent, at));

const isUnderWay = ({ requestedAt, endedAt }: Rotation, at: Instant): boolean =>
  isWithin(at, requestedAt, endedAt);

const isOpen = ({ openedAt, closesAt }: Intent, at: Instant): boolean => isWithin(at, openedAt, closesAt);

function isWithin(at: Instant, from: Instant, until: Instant | undefined): boolean {
  const time = Date.parse(at);
  const slack = SLACK_SECONDS * 1000;
  return time >= Date.parse(from) - slack && (until === undefined || time <= Date.parse(until) + slack);
}
