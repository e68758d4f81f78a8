import { AwsV4Signer } from 'aws4fetch';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AccessConnection } from './access-connection.ts';
import { actingForHeader, type TokenSource } from './token-source.ts';
import { askOver } from './ask-over.ts';
import { brokerUrl } from './broker-url.ts';

/** Credentials of an AWS principal. Read anew for each ask: those of a role change. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What asking as an AWS principal needs. */
export interface SignedPlace {
  /** The function URL of the broker's alias with IAM authorisation. */
  readonly broker: string;
  /** Where it is not part of the URL's host. */
  readonly region?: string;
  readonly credentials: () => Promise<AwsCredentials>;
  /** The token of the person that an agent acts for. */
  readonly actingFor?: TokenSource;
}

/** The broker, asked as an AWS principal: by Signature Version 4 for the service `lambda`. */
export function signedAccess({
  broker,
  region: given,
  credentials,
  actingFor,
}: SignedPlace): AccessConnection {
  const url = brokerUrl(broker);
  const region = given ?? regionOf(url);
  return askOver({
    broker: () => url,
    prove: async ({ method, url: at, body }) => {
      const signed = await new AwsV4Signer({
        ...(await credentials()),
        service: 'lambda',
        region,
        method,
        url: at.href,
        headers: { 'content-type': 'application/json', ...(await actingForHeader(actingFor)) },
        body,
      }).sign();
      return Object.fromEntries(signed.headers);
    },
  });
}

/** `https://<id>.lambda-url.<region>.on.aws/` */
function regionOf({ hostname }: URL): string {
  const region = /^[^.]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/.exec(hostname)?.[1];
  if (region !== undefined) return region;
  throw new LockstepError(
    'ENVIRONMENT_INVALID',
    `the host of the broker's URL, ${hostname}, names no region; say which with AWS_REGION`,
  );
}

/** Credentials from the environment, as AWS puts them into a function and tools put them into a shell. */
export const environmentCredentials =
  (environment: Readonly<Record<string, string | undefined>>) => async (): Promise<AwsCredentials> => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = environment;
    if (!accessKeyId || !secretAccessKey)
      throw new LockstepError(
        'ENVIRONMENT_INVALID',
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both in the environment; nothing says who asks',
      );
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  };
