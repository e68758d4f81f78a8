import type { Caller } from '../core/access/caller.ts';
import { minuteOf } from '../core/access/lease-pointers.ts';
import { sha256Hex } from '../core/digest.ts';
import { instant } from '../core/time.ts';
import type { BrokerRule } from '../core/watch/finding.ts';
import { printable, type Principal } from '../core/watch/principal.ts';
import { stretchStart } from '../core/watch/stretch.ts';
import { WINDOW_SECONDS, type FindingPorts } from '../detect-access/detect-ports.ts';
import { auditFinding, keepFinding } from '../detect-access/report-suspicion.ts';

/** What somebody did with what is not theirs. */
export interface Misuse {
  readonly rule: BrokerRule;
  readonly caller: Pick<Caller, 'is' | 'name' | 'principal'>;
  /** What it concerns, where it concerns something that can be leased. */
  readonly leasable?: string;
  /** The lease, or the token's id: never the token. */
  readonly subject: string;
  /** Who, what, why it is odd: a sentence each. */
  readonly reasons: readonly string[];
}

/**
 * Makes a misuse a finding, with its page, through the same incidents as the findings of the watch. Repeats of one sort
 * cost a write a minute, whoever floods.
 *
 * The audit comes behind the page, and stops nothing: whoever asks for another's lease does not ask again because we
 * could not write it down.
 */
export async function reportMisuse(ports: FindingPorts, misuse: Misuse): Promise<void> {
  const { rule, caller, leasable, subject, reasons } = misuse;
  const at = instant(ports.clock());
  const principal = principalOf(caller);
  const eventId = sha256Hex([rule, principal.key, subject, minuteOf(at)].join('\n')).slice(0, 36);
  const finding = await keepFinding(ports, {
    rule,
    severity: 'high',
    principal,
    ...(leasable === undefined ? {} : { credential: leasable }),
    subject,
    stretch: stretchStart(at, ports.windowSeconds ?? WINDOW_SECONDS),
    first: { at, eventId },
    others: [],
    evidence: 'more',
    reasons,
  });
  await auditFinding(ports, finding).catch(() => undefined);
}

const principalOf = ({ is, name, principal }: Misuse['caller']): Principal =>
  is === 'person'
    ? { type: 'person', key: printable(name), identity: principal }
    : { type: 'role', key: printable(principal), identity: principal };
