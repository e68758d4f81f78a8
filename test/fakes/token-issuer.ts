import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT, type JWK, type JWTHeaderParameters } from 'jose';
import type { Issuer } from '../../lambdas/core/access/access-inventory.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import type { OutboundDocument, OutboundGet } from '../../lambdas/outbound/get.ts';

/** How a token differs from an honest one. */
export interface TokenParts {
  readonly subject?: string;
  readonly audience?: string | readonly string[];
  readonly issuer?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly leaveOut?: readonly string[];
  readonly header?: Readonly<Record<string, unknown>>;
  readonly issuedSecondsAgo?: number;
  readonly lifeSeconds?: number;
  readonly key?: KeyObject;
  readonly algorithm?: string;
}

const MADE = new Map<string, ReturnType<typeof ecKey>>();
const ecKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A key pair of a name, the same in all tests of a file: making keys takes longer than signing. */
function keyOf(name: string): ReturnType<typeof ecKey> {
  const pair = MADE.get(name) ?? ecKey();
  MADE.set(name, pair);
  return pair;
}

/** Somebody who signs tokens, publishes keys, and goes down when a test wants. */
export class TokenIssuer {
  readonly declared: Issuer;
  readonly #clock: Clock;
  readonly #published = new Map<string, JWK>();
  #signing = '';
  #count = 0;
  /** What was read of it, by path. */
  readonly reads: string[] = [];
  /** What it answers instead of its documents. */
  instead: ((url: string) => OutboundDocument | undefined) | undefined;

  private constructor(declared: Issuer, clock: Clock) {
    this.declared = declared;
    this.#clock = clock;
  }

  static async named(name: string, clock: Clock, declared: Partial<Issuer> = {}): Promise<TokenIssuer> {
    const issuer = new TokenIssuer(
      {
        name,
        issuer: `https://${name}.example`,
        audience: 'lockstep',
        algorithms: ['ES256', 'RS256'],
        clockSkewSeconds: 30,
        longestTokenSeconds: 3600,
        use: 'caller',
        ...declared,
      },
      clock,
    );
    await issuer.use(`${name}-1`);
    return issuer;
  }

  /** Publishes a key beside those that it has, and signs with it from now on. */
  async use(kid: string): Promise<void> {
    await this.publish(kid);
    this.#signing = kid;
  }

  async publish(kid: string, more: JWK = {}): Promise<void> {
    const jwk = await exportJWK(keyOf(kid).publicKey);
    this.#published.set(kid, { ...jwk, kid, alg: 'ES256', use: 'sig', ...more });
  }

  withdraw(kid: string): void {
    this.#published.delete(kid);
  }

  /** Its private key, for whoever has stolen it. */
  privateKey(kid = this.#signing): KeyObject {
    return keyOf(kid).privateKey;
  }

  async token(parts: TokenParts = {}): Promise<Secret> {
    this.#count += 1;
    const now = Math.floor(this.#clock().getTime() / 1000) - (parts.issuedSecondsAgo ?? 0);
    const payload: Record<string, unknown> = {
      iss: parts.issuer ?? this.declared.issuer,
      aud: parts.audience ?? this.declared.audience,
      sub: parts.subject ?? 'repo:acme/app',
      iat: now,
      exp: now + (parts.lifeSeconds ?? 300),
      jti: `token-${this.#count}`,
      ...parts.claims,
    };
    for (const claim of parts.leaveOut ?? []) delete payload[claim];
    const header = {
      alg: parts.algorithm ?? 'ES256',
      kid: this.#signing,
      ...parts.header,
    } as unknown as JWTHeaderParameters;
    const crit = header.crit?.map((each) => [each, true] as const) ?? [];
    const signed = await new SignJWT(payload)
      .setProtectedHeader(header)
      .sign(parts.key ?? this.privateKey(), { crit: Object.fromEntries(crit) });
    return new Secret(signed);
  }

  /** What it publishes, as a request finds it. */
  readonly get: OutboundGet = async ({ url }) => {
    const { origin, pathname } = new URL(url);
    if (origin !== new URL(this.declared.issuer).origin)
      return { outcome: 'failed', why: 'dns', code: 'ENOTFOUND' };
    this.reads.push(pathname);
    const instead = this.instead?.(url);
    if (instead) return instead;
    const body =
      pathname === '/keys'
        ? { keys: [...this.#published.values()] }
        : { issuer: this.declared.issuer, jwks_uri: `${this.declared.issuer}/keys` };
    return { outcome: 'answered', status: 200, body: JSON.stringify(body) };
  };

  /** How often its keys were read. */
  get keyReads(): number {
    return this.reads.filter((path) => path === '/keys').length;
  }
}

/** Several of them on one network. */
export const networkOf =
  (...issuers: readonly TokenIssuer[]): OutboundGet =>
  (place) => {
    const { origin } = new URL(place.url);
    const found = issuers.find(({ declared }) => new URL(declared.issuer).origin === origin);
    return found?.get(place) ?? Promise.resolve({ outcome: 'failed', why: 'dns', code: 'ENOTFOUND' });
  };

/** An issuer that cannot be reached. */
export const DOWN: OutboundDocument = { outcome: 'failed', why: 'connect', code: 'ECONNREFUSED' };
