import { createHash, type KeyObject } from 'node:crypto';
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import { LONGEST_PROOF_SECONDS, PROOF_TYPE } from '../../lambdas/contracts/access-wire.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import type { WorkloadIdentities } from './workload-identities.ts';

/** One request as it is proved. */
export interface ProvedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly body: string;
  readonly authorization: string | undefined;
  /** The token of whom the caller acts for, where one came along. */
  readonly actingFor?: string;
}

/** Whose identity made a proof. */
export interface ProvedIdentity {
  readonly is: 'workload' | 'person';
  readonly name: string;
}

/** The public halves of the identities that the runtime has made. Apart, so that no workload is a person of its name. */
export interface Identities {
  readonly workloads: WorkloadIdentities;
  readonly people: WorkloadIdentities;
}

/** Clocks of one machine agree; this is for rounding. */
const SKEW_SECONDS = 2;

/**
 * Who makes a request, by a proof of possession for exactly this request (`WorkloadProof`): an EdDSA-signed JWT in the
 * manner of RFC 9449, with method, target, digests of the body and of the token that came along, and an id that is good
 * once.
 */
export class ProofAuthenticator {
  readonly #audience: string;
  readonly #identities: Identities;
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #used = new Map<string, number>();

  constructor(audience: string, identities: Identities, clock: Clock) {
    this.#audience = audience;
    this.#identities = identities;
    this.#clock = clock;
    this.#openedAt = clock().getTime();
  }

  /** Who it is. Throws `UNAUTHENTICATED`, in one wording for every reason. */
  async identify(request: ProvedRequest): Promise<ProvedIdentity> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.authorization ?? '')?.[1];
    const found = token === undefined ? undefined : await this.#identityOf(token, request);
    if (found) return found;
    throw new LockstepError(
      'UNAUTHENTICATED',
      'the request proves nobody: sign method, path, body and what it carries with an identity of this world, once, now',
    );
  }

  /** The workload that it is. Throws `UNAUTHENTICATED`, to a person as to nobody: secrets are read by workloads. */
  async authenticate(request: ProvedRequest): Promise<string> {
    const { is, name } = await this.identify(request);
    if (is === 'workload') return name;
    throw new LockstepError(
      'UNAUTHENTICATED',
      'the request proves a person, and this is for workloads alone',
    );
  }

  async #identityOf(token: string, request: ProvedRequest): Promise<ProvedIdentity | undefined> {
    try {
      const { iss: claimed } = decodeJwt(token);
      const known = claimed === undefined ? undefined : this.#keyOf(claimed);
      if (!known || claimed === undefined) return undefined;
      const { payload } = await jwtVerify(token, known.key, {
        algorithms: ['EdDSA'],
        typ: PROOF_TYPE,
        issuer: claimed,
        audience: this.#audience,
        requiredClaims: ['iat', 'exp', 'jti', 'htm', 'htu', 'bdh'],
        maxTokenAge: LONGEST_PROOF_SECONDS,
        clockTolerance: SKEW_SECONDS,
        currentDate: this.#clock(),
      });
      const isGood =
        isFor(payload, request) && this.#isFirstUse(claimed, payload.jti ?? '', payload.iat ?? 0);
      return isGood ? { is: known.is, name: known.name } : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** `person:<name>`, or a workload's own name, which has no colon. */
  #keyOf(claimed: string): (ProvedIdentity & { readonly key: KeyObject }) | undefined {
    const person = /^person:(.*)$/.exec(claimed)?.[1];
    const [is, name] =
      person === undefined ? (['workload', claimed] as const) : (['person', person] as const);
    const key = this.#identities[is === 'person' ? 'people' : 'workloads'].publicKey(name);
    return key && { is, name, key };
  }

  /** Ids are remembered for as long as their proofs could be good. One from before this process cannot be known as unused. */
  #isFirstUse(identity: string, id: string, issuedAt: number): boolean {
    const now = this.#clock().getTime();
    if (issuedAt * 1000 < this.#openedAt - SKEW_SECONDS * 1000) return false;
    for (const [known, until] of this.#used) if (until < now) this.#used.delete(known);
    const key = `${identity} ${id}`;
    if (this.#used.has(key)) return false;
    this.#used.set(key, now + (LONGEST_PROOF_SECONDS + 2 * SKEW_SECONDS) * 1000);
    return true;
  }
}

/** Whether a proof is for this request and nothing else. What it does not speak of must not be there, and the other way round. */
function isFor(claims: JWTPayload, { method, target, body, actingFor }: ProvedRequest): boolean {
  const isThis = claims['htm'] === method && claims['htu'] === target && claims['bdh'] === digest(body);
  return isThis && claims['afh'] === (actingFor === undefined ? undefined : digest(actingFor));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
