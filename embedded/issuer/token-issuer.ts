import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, SignJWT, type JWK } from 'jose';
import type { Issuer } from '../../lambdas/core/access/access-inventory.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { NewId } from '../../lambdas/core/ports/ids.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import { readOrMakeKey } from '../key-file/key-file.ts';
import { askedOfIssuer } from './issuer-places.ts';

/** Whom a token is to speak of, and what it says. */
export interface TokenOrder {
  /** The name of an issuer of the inventory. */
  readonly issuer: string;
  readonly subject: string;
  readonly groups?: readonly string[];
  readonly purposes?: readonly string[];
  readonly leases?: readonly string[];
}

/** What an issuer is made from. */
export interface TokenIssuerOptions {
  /** Where its keys lie, one for each algorithm. */
  readonly folder: string;
  readonly issuers: readonly Issuer[];
  readonly clock: Clock;
  readonly newId: NewId;
}

const LIFE_SECONDS = 300;

interface SigningKey {
  readonly key: KeyObject;
  readonly published: JWK & { readonly kid: string };
}

/**
 * Stands for every issuer of the inventory in the embedded world: signs what the person at this machine has it sign, and
 * publishes its keys as an identity provider does. Its tokens mean nothing outside: they are called after a loopback address.
 */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  readonly #keys = new Map<string, Promise<SigningKey>>();

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
  }

  /** A token, good for five minutes at most. Throws `COMMAND_INVALID` for an issuer that the inventory does not declare. */
  async sign({ issuer: name, subject, groups, purposes, leases }: TokenOrder): Promise<Secret> {
    const declared = this.#declared(name);
    if (!declared)
      throw new LockstepError(
        'COMMAND_INVALID',
        `the inventory declares no issuer of that name; it has ${this.#options.issuers.map((each) => each.name).join(', ') || 'none'}`,
      );
    const algorithm = algorithmOf(declared);
    const { key, published } = await this.#keyFor(algorithm);
    const now = Math.floor(this.#options.clock().getTime() / 1000);
    const {
      groups: groupsClaim = 'groups',
      purposes: purposesClaim,
      leases: leasesClaim,
      subject: subjectClaim,
    } = declared.claims ?? {};
    const claims = {
      ...(subjectClaim === undefined ? {} : { [subjectClaim]: subject }),
      ...(groups ? { [groupsClaim]: groups } : {}),
      ...(purposes ? { [purposesClaim ?? 'lockstep.purposes']: purposes } : {}),
      ...(leases ? { [leasesClaim ?? 'lockstep.leases']: leases } : {}),
    };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid: published.kid, typ: 'JWT' })
      .setIssuer(declared.issuer)
      .setAudience(declared.audience)
      .setSubject(subject)
      .setJti(this.#options.newId())
      .setIssuedAt(now)
      .setExpirationTime(now + Math.min(LIFE_SECONDS, declared.longestTokenSeconds))
      .sign(key);
    return new Secret(token);
  }

  /** What is published at a path of the endpoint; `undefined` where nothing is. */
  async published(path: string): Promise<object | undefined> {
    const asked = askedOfIssuer(path);
    const declared = asked && this.#declared(asked.name);
    if (!declared) return undefined;
    if (asked.document === 'discovery')
      return { issuer: declared.issuer, jwks_uri: declared.jwksUrl ?? `${declared.issuer}/keys` };
    return { keys: [(await this.#keyFor(algorithmOf(declared))).published] };
  }

  #declared(name: string): Issuer | undefined {
    return this.#options.issuers.find((each) => each.name === name);
  }

  #keyFor(algorithm: string): Promise<SigningKey> {
    const found = this.#keys.get(algorithm) ?? this.#open(algorithm);
    this.#keys.set(algorithm, found);
    return found;
  }

  async #open(algorithm: string): Promise<SigningKey> {
    const path = join(this.#options.folder, `issuer-${algorithm}.pem`);
    // Made before it is known whether it is needed: of two processes that make one at once, one wins.
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const fresh = await exportPKCS8(privateKey);
    const key = createPrivateKey(readOrMakeKey({ path, purpose: 'signs tokens here' }, () => fresh));
    const jwk = await exportJWK(createPublicKey(key));
    return {
      key,
      published: { ...jwk, alg: algorithm, use: 'sig', kid: await calculateJwkThumbprint(jwk) },
    };
  }
}

/** The one of its algorithms whose keys are made quickest. */
const PREFERRED = ['ES256', 'EdDSA', 'ES384', 'ES512', 'RS256', 'PS256'];

function algorithmOf({ name, algorithms }: Issuer): string {
  const found = PREFERRED.find((each) => algorithms.includes(each)) ?? algorithms[0];
  if (found !== undefined) return found;
  throw new LockstepError('INVENTORY_INVALID', `issuers.${name} lists no algorithm that a token could have`);
}
