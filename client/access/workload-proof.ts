import { createHash, createPrivateKey, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { PROOF_TYPE, proofAudience, type WorkloadProof } from '../../lambdas/contracts/access-wire.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';

/** Who proves, and what. */
export interface ProofOrder {
  /** A workload, or `person:<name>`. */
  readonly subject: string;
  readonly environment: string;
  /** Its private key, PEM. */
  readonly identity: string;
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly body: string;
  /** The token of the person that is acted for. */
  readonly actingFor?: string;
}

/** For as long as a request takes; clocks of one machine agree. */
const GOOD_FOR = '30s';

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** A proof of possession for exactly one request, as the embedded world takes them (`contracts/access-wire.ts`). */
export function workloadProof(order: ProofOrder): Promise<string> {
  const { subject, environment, identity, method, target, body, actingFor } = order;
  const claims = {
    htm: method,
    htu: target,
    bdh: digest(body),
    ...(actingFor === undefined ? {} : { afh: digest(actingFor) }),
  } satisfies Partial<WorkloadProof>;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: PROOF_TYPE })
    .setIssuer(subject)
    .setAudience(proofAudience(environment))
    .setIssuedAt()
    .setExpirationTime(GOOD_FOR)
    .setJti(randomUUID())
    .sign(privateKey(subject, identity));
}

function privateKey(subject: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new LockstepError(
      'ENVIRONMENT_INVALID',
      `the identity of ${subject} is no private key in PEM; it is made by the runtime`,
    );
  }
}
