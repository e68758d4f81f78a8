import { createHash, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { jwtVerify } from 'jose';
import {
  ACTING_FOR_HEADER,
  LONGEST_PROOF_SECONDS,
  PROOF_TYPE,
  proofAudience,
  TOKEN_HEADER,
} from '../../../lambdas/contracts/access-wire.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { signerOf } from '../../fakes/signature-v4.ts';

/** Who is known at a door. */
export interface Known {
  /** Secret access keys by access key id. */
  readonly awsKeys?: Readonly<Record<string, string>>;
  /** Tokens that are good, once each. */
  readonly tokens?: Set<string>;
  /** One subject of the embedded world. */
  readonly subject: string;
  readonly environment: string;
  readonly publicKey: KeyObject;
}

const digest = (content: string): string => createHash('sha256').update(content).digest('base64url');

const refuse = (message: string): never => {
  throw new LockstepError('UNAUTHENTICATED', message);
};

/** Who makes a request, by one of the three proofs of `contracts/access-wire.ts`. Throws `UNAUTHENTICATED`. */
export function recogniser(known: Known): (request: IncomingMessage, body: string) => Promise<string> {
  const used = new Set<string>();
  return async (request, body) => {
    const { authorization = '', [TOKEN_HEADER]: token } = request.headers;
    if (typeof token === 'string') {
      if (authorization !== '') refuse('a token beside another proof');
      if (!known.tokens?.delete(token)) throw new LockstepError('TOKEN_REPLAYED', 'not good, or used');
      return 'workload:by-token';
    }
    if (authorization.startsWith('Bearer ')) return byProof(known, used, request, body);
    return signer(known, request, body);
  };
}

async function byProof(
  { publicKey, subject, environment }: Known,
  used: Set<string>,
  request: IncomingMessage,
  body: string,
): Promise<string> {
  const token = (request.headers.authorization ?? '').slice('Bearer '.length);
  const { payload } = await jwtVerify(token, publicKey, {
    algorithms: ['EdDSA'],
    typ: PROOF_TYPE,
    issuer: subject,
    audience: proofAudience(environment),
    requiredClaims: ['iat', 'exp', 'jti', 'htm', 'htu', 'bdh'],
    maxTokenAge: LONGEST_PROOF_SECONDS,
  }).catch(() => refuse('the proof is none'));
  const acting = request.headers[ACTING_FOR_HEADER];
  const expected = {
    htm: request.method,
    htu: request.url,
    bdh: digest(body),
    afh: typeof acting === 'string' ? digest(acting) : undefined,
  };
  const isThis = Object.entries(expected).every(([claim, value]) => payload[claim] === value);
  if (!isThis || used.has(payload.jti ?? '')) refuse('the proof is of another request');
  used.add(payload.jti ?? '');
  return `workload:${subject}`;
}

function signer({ awsKeys = {} }: Known, request: IncomingMessage, body: string): string {
  const headers = Object.entries(request.headers).filter(
    (each): each is [string, string] => typeof each[1] === 'string',
  );
  const message = {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: Object.fromEntries(headers),
    body,
  };
  const acting = request.headers[ACTING_FOR_HEADER];
  const signed = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
  if (acting !== undefined && !signed.includes(ACTING_FOR_HEADER)) refuse('whom it acts for is not signed');
  const key = signerOf(message, {
    region: 'eu-central-1',
    service: 'lambda',
    secretOf: (id) => awsKeys[id],
  });
  return key === undefined ? refuse('nobody signed this') : `workload:${key}`;
}
