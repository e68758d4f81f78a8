import type { DeniedBy, Denial, Right } from './effective-right.ts';

/** What is decided about a lease, and by which answer of policy. */
export interface LeaseDecision {
  readonly is: 'granted' | 'approval-needed' | 'refused';
  readonly right: Right;
  /** Of one that is granted: whether only broken glass gave it. */
  readonly breaksGlass: boolean;
}

/**
 * Decides about a lease: as it stands first, and by breaking the glass only where that is asked for and nothing else gives
 * it. Whoever asks to break the glass asks nobody for approval.
 *
 * @param rightTo what policy says, without and with broken glass
 */
export function decideLease(rightTo: (breakGlass: boolean) => Right, asksToBreak: boolean): LeaseDecision {
  const right = rightTo(false);
  if (right.allowed) return { is: 'granted', right, breaksGlass: false };
  if (asksToBreak) {
    const broken = rightTo(true);
    return broken.allowed
      ? { is: 'granted', right: broken, breaksGlass: true }
      : { is: 'refused', right: broken, breaksGlass: false };
  }
  return {
    is: right.approvalsNeeded === undefined ? 'refused' : 'approval-needed',
    right,
    breaksGlass: false,
  };
}

/** Whom it is not for, and why, each by itself. */
export function deniedText({ denials }: Right, asksToBreak = false): string {
  const glass = asksToBreak ? ', not even by breaking the glass' : '';
  return denials.map((denial) => `${WHO[denial.by]}${glass}: ${reasonOf(denial)}`).join('; nor for ');
}

const WHO = {
  caller: 'this caller',
  'acting-for': 'the person that it acts for',
  claims: 'what its session claims',
} as const satisfies Record<DeniedBy, string>;

function reasonOf({ by, policies, errors }: Denial): string {
  if (by === 'claims') return 'a token names what may be leased by it, and not this';
  if (errors.length > 0) return `the policies ${errors.join(', ')} could not be evaluated`;
  return policies.length > 0 ? `forbidden by ${policies.join(', ')}` : 'no policy permits it';
}
