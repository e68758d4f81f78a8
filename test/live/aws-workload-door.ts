import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsClient } from 'aws4fetch';
import type { ExpectedChange, ReadVersion, WorkloadDoor } from '../../embedded/services/workload-client.ts';
import { acknowledgementTag } from '../../lambdas/core/adoption/acknowledgement-tag.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { Secret } from '../../lambdas/core/secret.ts';

/** What a dependent on AWS knows of its world. */
export interface AwsWorkloadPlace {
  readonly environment: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** The output `AcknowledgeUrl` of the stack `propagation`. */
  readonly acknowledgeUrl: string;
  readonly fetch: typeof fetch;
  /** Where Secrets Manager is, where not at its usual place. */
  readonly endpoint?: string;
}

/** The door of a dependent on AWS: Secrets Manager and the endpoint of acknowledgements, each under its own role. */
export class AwsWorkloadDoor implements WorkloadDoor {
  readonly #place: AwsWorkloadPlace;
  readonly #secrets: SecretsManagerClient;
  readonly #signer: AwsClient;

  constructor(place: AwsWorkloadPlace) {
    const { credentials, region, endpoint } = place;
    this.#place = place;
    this.#secrets = new SecretsManagerClient({
      region,
      credentials,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    this.#signer = new AwsClient({ ...credentials, region, service: 'lambda', retries: 0 });
  }

  async read(credential: string, version?: string): Promise<ReadVersion> {
    const startedAt = performance.now();
    const answer = await this.#secrets.send(
      new GetSecretValueCommand({
        SecretId: secretName(this.#place.environment, credential),
        ...(version === undefined ? {} : { VersionId: version }),
      }),
    );
    return {
      version: answer.VersionId ?? '',
      value: new Secret(answer.SecretString ?? ''),
      fetchMs: performance.now() - startedAt,
    };
  }

  async expected(credential: string): Promise<readonly ExpectedChange[]> {
    const answer = await this.#call('GET', `expected?credential=${encodeURIComponent(credential)}`);
    return (answer as { readonly expected: readonly ExpectedChange[] }).expected;
  }

  async acknowledge(credential: string, change: ExpectedChange, read: ReadVersion): Promise<void> {
    const { dependent, rotation, version, expectation } = change;
    const { nonce } = expectation;
    const tag = acknowledgementTag(read.value, { credential, version, rotation, dependent, nonce });
    await this.post({
      credential,
      rotation,
      dependent,
      expectation: expectation.id,
      nonce,
      tag,
      fetchMs: read.fetchMs,
    });
  }

  /** Sends whatever is given as an acknowledgement. Throws with the status where it is not taken. */
  async post(acknowledgement: unknown): Promise<void> {
    await this.#call('POST', 'acknowledge', acknowledgement);
  }

  async #call(method: string, path: string, content?: unknown): Promise<unknown> {
    const body = content === undefined ? {} : { body: JSON.stringify(content) };
    const url = new URL(path, this.#place.acknowledgeUrl).href;
    const headers = { 'content-type': 'application/json' };
    const signed = await this.#signer.sign(url, { method, headers, ...body });
    const answer = await this.#place.fetch(url, { method, headers: signed.headers, ...body });
    if (answer.ok) return answer.json();
    throw new Error(`${method} /${path.split('?')[0]} was answered ${answer.status}: ${await answer.text()}`);
  }
}
