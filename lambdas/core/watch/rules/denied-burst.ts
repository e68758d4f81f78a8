import type { Access } from '../access.ts';
import { refusedThenServed } from '../attempt.ts';
import { BURST, burstEvidence, isBurst, neighbourStart } from '../denial-cell.ts';
import { subjectText, whoOf } from '../describe-access.ts';
import type { AttemptDay, DeniedStretch, Rule, Sight } from '../sight.ts';
import type { Suspicion } from '../suspicion.ts';

/**
 * Somebody tries doors. Medium: many refused calls over several secrets in a short time. High: a refusal
 * and then an answer for the same secret, because something was changed in between so that it would be
 * served.
 *
 * Judges what the ledger remembers rather than the record at hand, so the order of records does not matter.
 */
export const deniedBurst: Rule = (sight) => [
  ...sight.denied.flatMap((stretch) => burst(sight, stretch)),
  ...sight.attempts.flatMap((day) => follow(sight, day)),
];

function burst({ access, list }: Sight, { cell, next }: DeniedStretch): readonly Suspicion[] {
  if (!isBurst(cell, next)) return [];
  const [first, ...others] = burstEvidence(cell, next);
  if (!first) return [];
  const minutes = BURST.seconds / 60;
  return [
    {
      rule: 'denied-burst',
      severity: 'medium',
      principal: access.principal,
      subject: 'burst',
      stretch: cell.from,
      first,
      others,
      evidence: 'all',
      reasons: [
        `Who: ${whoOf(lasting(access), list)}.`,
        `What: at least ${BURST.calls} calls over at least ${BURST.secrets} secrets, all refused.`,
        `When: within ${minutes} minutes that began between ${cell.from} and ${neighbourStart(cell.from, 1)}.`,
        'Odd: that is what looking for an open door is like.',
        'Normal: who is bound to a secret is not refused; a wrong policy is refused for one secret, not several.',
      ],
    },
  ];
}

function follow({ access, subject, list }: Sight, { day, attempt, next }: AttemptDay): readonly Suspicion[] {
  const refused = refusedThenServed(attempt, next);
  if (!refused || subject.kind !== 'watched') return [];
  const credential = subject.watched.credential?.name;
  return [
    {
      rule: 'denied-burst',
      severity: 'high',
      principal: access.principal,
      ...(credential === undefined ? {} : { credential }),
      subject: `${subject.key} refused then served`,
      stretch: day,
      first: refused,
      others: [],
      evidence: 'all',
      reasons: [
        `Who: ${whoOf(lasting(access), list)}.`,
        `What: was refused ${subjectText(subject)}, and was served it later, that day or the next.`,
        `When: first refused at ${refused.at}, by CloudTrail's clock.`,
        'Odd: between the two somebody changed a policy, a binding or a role so that it would be served.',
        'Normal: a binding is deployed before the workload that needs it, and then nothing is refused.',
      ],
    },
  ];
}

/** These findings speak of many sessions and addresses; naming one of them would depend on which came last. */
const lasting = ({ principal: { type, key, identity } }: Access): Pick<Access, 'principal'> => ({
  principal: { type, key, identity },
});
