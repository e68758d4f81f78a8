import type { Instant } from '../time.ts';

/** How a caller was recognised. */
export type Proof = 'sigv4' | 'token' | 'embedded';

/** What a signed token narrows a session to. Absent: it does not speak of it. A request never widens any of it. */
export interface SessionClaims {
  /** Purposes that the session may state: as its issuer or an administrator set them. */
  readonly purposes?: readonly string[];
  /** Purposes that the session keeps itself to, by what it sets for itself. They give none. */
  readonly keptPurposes?: readonly string[];
  /** Names of what it may lease. */
  readonly leases?: readonly string[];
  /** The token's `jti`, or its digest where it has none: what replay is refused by. */
  readonly tokenId?: string;
  readonly expiresAt?: Instant;
}

interface Recognised {
  readonly proof: Proof;
  /** Who it is as its world says: an ARN, `<iss>|<sub>`, `embedded:<name>`. What audit and findings name. */
  readonly principal: string;
  /** The session's own name, where it has one. A caller chose it: good to read, useless to decide by. */
  readonly session?: string;
  readonly claims: SessionClaims;
}

/** A person, known by the groups or roles that were proved of them. */
export interface Person extends Recognised {
  readonly is: 'person';
  /**
   * Stable, and the same over sessions: `<iss>|<sub>`, `<directory>/<user>` (`identity-center/<user>` is one),
   * `<role arn>/<session name>` where that name is proved, else the role's ARN. Whose request something is, is told by it:
   * one human has to have one.
   */
  readonly name: string;
  /** Names of roles of the inventory. */
  readonly roles: readonly string[];
  /** Whether a second factor was proved (`amr` of the token, `aws:MultiFactorAuthPresent`). Unknown is no. */
  readonly mfa: boolean;
}

/** A workload of the inventory that is no agent. */
export interface CallingWorkload extends Recognised {
  readonly is: 'workload';
  readonly name: string;
}

/** An agent of the inventory, with the person it acts for. */
export interface CallingAgent extends Recognised {
  readonly is: 'agent';
  readonly name: string;
  readonly workload: string;
  /** Absent where the inventory says that it acts for itself. */
  readonly actingFor?: Person;
}

/** Somebody whose identity was proved. Only `recognise-caller` makes one. */
export type Caller = Person | CallingWorkload | CallingAgent;

/** `workload:<name>`, `agent:<name>` or `person:<name>`: what leases, quotas and audit keep a caller by. */
export const callerKey = (caller: Caller): string => `${caller.is}:${caller.name}`;
