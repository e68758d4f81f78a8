import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { acknowledgementTag } from '../../lambdas/core/adoption/acknowledgement-tag.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { AttemptLog } from './attempt-log.ts';

/** What a service is told about its world. */
export interface WorkloadPlace {
  /** Its name: the workload that it is. */
  readonly workload: string;
  readonly environment: string;
  /** Its private key, PEM. Made by the runtime, as IAM makes a role; nothing else opens the endpoint. */
  readonly identity: string;
  /** The file that says where the runtime's endpoint is now. */
  readonly runtime: string;
}

/** A version as the endpoint hands it over. */
export interface ReadVersion {
  readonly version: string;
  readonly value: Secret;
  readonly fetchMs: number;
}

/** What is expected of this workload for one credential. */
export interface ExpectedChange {
  readonly dependent: string;
  readonly rotation: string;
  readonly version: string;
  readonly expectation: { readonly id: string; readonly nonce: string };
  readonly acknowledged: boolean;
}

/** The door to Lockstep for a service: reads as itself, asks what is expected, and proves what it uses. */
export interface WorkloadDoor {
  /** AWSCURRENT, or one version. */
  read(credential: string, version?: string): Promise<ReadVersion>;
  expected(credential: string): Promise<readonly ExpectedChange[]>;
  /** Proves that this version's value is in use here. */
  acknowledge(credential: string, change: ExpectedChange, read: ReadVersion): Promise<void>;
}

const REQUEST_MS = 5000;

/** The door of the embedded world: an endpoint on loopback. A failed read is counted apart from failed attempts. */
export class WorkloadClient implements WorkloadDoor {
  readonly #place: WorkloadPlace;
  readonly #log: AttemptLog;

  constructor(place: WorkloadPlace, log: AttemptLog) {
    this.#place = place;
    this.#log = log;
  }

  async read(credential: string, version?: string): Promise<ReadVersion> {
    const startedAt = performance.now();
    const query = version === undefined ? '' : `?version=${encodeURIComponent(version)}`;
    try {
      const answer = await this.#call('GET', `/secrets/${encodeURIComponent(credential)}${query}`);
      const { version: found, value } = answer as { readonly version: string; readonly value: string };
      this.#log.note({ what: 'read', key: credential, outcome: 'served' });
      return { version: found, value: new Secret(value), fetchMs: performance.now() - startedAt };
    } catch (error) {
      this.#log.note({
        what: 'read',
        key: credential,
        outcome: 'failed',
        code: error instanceof EndpointError ? String(error.status) : 'unreachable',
      });
      throw error;
    }
  }

  async expected(credential: string): Promise<readonly ExpectedChange[]> {
    const answer = await this.#call('GET', `/expected?credential=${encodeURIComponent(credential)}`);
    return (answer as { readonly expected: readonly ExpectedChange[] }).expected;
  }

  async acknowledge(
    credential: string,
    change: ExpectedChange,
    { value, fetchMs }: ReadVersion,
  ): Promise<void> {
    const { dependent, rotation, version, expectation } = change;
    const tag = acknowledgementTag(value, {
      credential,
      version,
      rotation,
      dependent,
      nonce: expectation.nonce,
    });
    const body = {
      credential,
      rotation,
      dependent,
      expectation: expectation.id,
      nonce: expectation.nonce,
      tag,
      fetchMs,
    };
    await this.#call('POST', '/acknowledge', body);
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const { endpoint } = JSON.parse(readFileSync(this.#place.runtime, 'utf8')) as {
      readonly endpoint: string;
    };
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.#proof(method, path, text)}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: text }),
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new EndpointError(response.status);
    }
    return response.json();
  }

  /** A proof of possession for this one request, in the manner of RFC 9449 (DPoP), with the body's digest besides. */
  async #proof(method: string, path: string, body: string): Promise<string> {
    const { workload, environment, identity } = this.#place;
    const key = createPrivateKey(readFileSync(identity, 'utf8'));
    const digest = createHash('sha256').update(body).digest('base64url');
    return new SignJWT({ htm: method, htu: path, bdh: digest })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'lockstep-workload+jwt' })
      .setIssuer(workload)
      .setAudience(`lockstep/${environment}`)
      .setIssuedAt()
      .setExpirationTime('30s')
      .setJti(randomUUID())
      .sign(key);
  }
}

/** The endpoint answered, and not with what was asked for. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly status: number;

  constructor(status: number) {
    super(`the endpoint answered ${status}`);
    this.status = status;
  }
}
