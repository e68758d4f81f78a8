import { createHash } from 'node:crypto';
import { decodeJwt, errors, jwtVerify } from 'jose';
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
}

/** No proof is good for longer, whatever it says of itself. */
const LONGEST_SECONDS = 60;
/** Clocks of one machine agree; this is for rounding. */
const SKEW_SECONDS = 2;

/**
 * Who makes a request, by a proof of possession for exactly this request: an EdDSA-signed JWT in the manner of
 * RFC 9449, with method, target, a digest of the body, and an id that is good once.
 */
export class WorkloadAuthenticator {
  readonly #audience: string;
  readonly #identities: WorkloadIdentities;
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #used = new Map<string, number>();

  constructor(audience: string, identities: WorkloadIdentities, clock: Clock) {
    this.#audience = audience;
    this.#identities = identities;
    this.#clock = clock;
    this.#openedAt = clock().getTime();
  }

  /** The workload. Throws `UNAUTHENTICATED`, in one wording for every reason. */
  async authenticate(request: ProvedRequest): Promise<string> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.authorization ?? '')?.[1];
    const workload = token === undefined ? undefined : await this.#workloadOf(token, request);
    if (workload !== undefined) return workload;
    throw new LockstepError(
      'UNAUTHENTICATED',
      'the request proves no workload: sign method, path and body with its identity, once, now',
    );
  }

  async #workloadOf(token: string, request: ProvedRequest): Promise<string | undefined> {
    try {
      const { iss: claimed } = decodeJwt(token);
      const key = claimed === undefined ? undefined : this.#identities.publicKey(claimed);
      if (!key || claimed === undefined) return undefined;
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['EdDSA'],
        typ: 'lockstep-workload+jwt',
        issuer: claimed,
        audience: this.#audience,
        requiredClaims: ['iat', 'exp', 'jti', 'htm', 'htu', 'bdh'],
        maxTokenAge: LONGEST_SECONDS,
        clockTolerance: SKEW_SECONDS,
        currentDate: this.#clock(),
      });
      const digest = createHash('sha256').update(request.body).digest('base64url');
      const isThis =
        payload['htm'] === request.method && payload['htu'] === request.target && payload['bdh'] === digest;
      return isThis && this.#isFirstUse(claimed, payload.jti ?? '', payload.iat ?? 0) ? claimed : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** Ids are remembered for as long as their proofs could be good. One from before this process cannot be known as unused. */
  #isFirstUse(workload: string, id: string, issuedAt: number): boolean {
    const now = this.#clock().getTime();
    if (issuedAt * 1000 < this.#openedAt - SKEW_SECONDS * 1000) return false;
    for (const [known, until] of this.#used) if (until < now) this.#used.delete(known);
    const key = `${workload} ${id}`;
    if (this.#used.has(key)) return false;
    this.#used.set(key, now + (LONGEST_SECONDS + 2 * SKEW_SECONDS) * 1000);
    return true;
  }
}
