import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AccessConnection } from '../../client/access/access-connection.ts';
import { embeddedAccess } from '../../client/access/embedded-access.ts';
import { signedAccess, type AwsCredentials } from '../../client/access/signed-access.ts';
import { tokenAccess } from '../../client/access/token-access.ts';
import { tokenFromCommand, tokenFromFile, unspentFromFile } from '../../client/access/token-source.ts';
import { worldFolder } from '../../embedded/world/world-folder.ts';
import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { findStage } from '../workspace/find-stage.ts';
import { brokerDoor } from './doors.ts';
import { findUrl } from './function-urls.ts';

/** Which broker is asked, and as whom. */
export type AccessPlace =
  /** The embedded world of a folder, as one of its workloads, or as the people of a role. */
  | {
      readonly by: 'identity';
      readonly folder: string;
      /** A workload, or `role:<name>`; `role:<name>.2` is another person of that role. */
      readonly as: string;
      readonly actingFor?: string;
    }
  /** The broker of an environment on AWS, found by what the workspace in a folder says of it; as whoever AWS says that we are. */
  | {
      readonly by: 'stage';
      readonly folder: string;
      readonly stage: string;
      readonly actingFor?: string;
    }
  /** A function URL, as whoever AWS says that we are. */
  | { readonly by: 'signature'; readonly broker: string; readonly actingFor?: string }
  | { readonly by: 'token'; readonly broker: string; readonly tokenFile: string }
  /** The program that prints one for each ask, and its words. */
  | { readonly by: 'token'; readonly broker: string; readonly tokenCommand: readonly string[] };

/** Opens the way to it. The SDK is loaded where credentials of AWS are needed, and not before. */
export async function openAccess(place: AccessPlace): Promise<AccessConnection> {
  switch (place.by) {
    case 'identity':
      return embeddedAccess({ ...identityOf(place), environment: LOCAL, ...acting(place.actingFor) });
    case 'stage':
      return signedAccess({
        broker: await brokerOf(place),
        credentials: await defaultCredentials(),
        ...acting(place.actingFor),
      });
    case 'signature':
      return signedAccess({
        broker: place.broker,
        credentials: await defaultCredentials(),
        ...acting(place.actingFor),
      });
    case 'token':
      return tokenAccess({
        broker: place.broker,
        token: 'tokenFile' in place ? unspentFromFile(place.tokenFile) : tokenFromCommand(place.tokenCommand),
      });
  }
}

const acting = (file: string | undefined) => (file === undefined ? {} : { actingFor: tokenFromFile(file) });

async function brokerOf({ folder, stage: name }: Extract<AccessPlace, { by: 'stage' }>): Promise<string> {
  const [{ LambdaClient }, { loadWorkspace }] = await Promise.all([
    import('@aws-sdk/client-lambda'),
    import('../../lambdas/contracts/inventory/load-workspace.ts'),
  ]);
  const stage = findStage(await loadWorkspace(folder), name);
  return findUrl(new LambdaClient({ region: stage.region }), stage, brokerDoor(stage));
}

function identityOf({ folder, as }: { readonly folder: string; readonly as: string }) {
  // It becomes part of a path.
  const [, isRole, name] = /^(role:)?([a-z0-9][a-z0-9-]{0,63}(?:\.[0-9])?)$/.exec(as) ?? [];
  if (name === undefined)
    throw new LockstepError(
      'COMMAND_INVALID',
      '--as takes a workload of lockstep.config.ts, role:<name> for one of its people, or role:<name>.2 for another',
    );
  const { service, person, runtime } = worldFolder(folder);
  const of = isRole === undefined ? service : person;
  const identity = join(of(name), IDENTITY);
  if (!existsSync(identity) && existsSync(runtime))
    demandAmong(as, [
      ...namesIn(dirname(service('x'))),
      ...namesIn(dirname(person('x'))).map((each) => `role:${each}`),
    ]);
  return { subject: isRole === undefined ? name : `person:${name}`, identity, runtime };
}

const IDENTITY = 'identity.pem';

/** Whoever the runtime has made an identity for. */
const namesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => existsSync(join(folder, name, IDENTITY)))
        .toSorted()
    : [];

/** With none at all, the runtime has not come so far, and what reads the identity says so. */
function demandAmong(as: string, known: readonly string[]): void {
  if (known.length === 0) return;
  throw new LockstepError(
    'COMMAND_INVALID',
    `--as ${as}: the embedded world has no such workload or role; there are ${known.join(', ')}`,
  );
}

/** Whatever the SDK finds: the environment, a profile, a single sign-on, the role of the machine. Read anew as they change. */
async function defaultCredentials(): Promise<() => Promise<AwsCredentials>> {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  const { config } = new LambdaClient({});
  return () =>
    config.credentials().catch(() => {
      throw new LockstepError(
        'NOTHING_REACHABLE',
        'no AWS credentials were found; sign in (aws sso login), or choose a profile with AWS_PROFILE',
      );
    });
}
