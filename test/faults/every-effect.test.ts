import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOpenaiDouble, type RunningDouble } from '../../embedded/openai-double/openai-double.ts';
import type { Credential } from '../../lambdas/core/credential.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { tempFolder, type TempFolder } from '../fakes/temp-folder.ts';
import { postgresBed, type PostgresBed } from '../targets/postgres/bed.ts';
import { aDatabase, aProject, aReceiver, aWorkspace } from './real/a-workspace.ts';
import { httpEffect, killingProxy, sqlEffect, type KillingProxy } from './real/killing-proxy.ts';
import { RotatingProcesses } from './real/rotating-processes.ts';

/** A rotator at its real target, behind a network that kills. */
interface Stage {
  readonly proxy: KillingProxy;
  readonly processes: RotatingProcesses;
  /** Whether the target takes a value. */
  readonly works: (value: Secret) => Promise<boolean>;
}

/** A value that dependents can read, and that works: what must be there at every moment. */
async function someValueWorks({ processes, works }: Stage, { name, strategy }: Credential): Promise<boolean> {
  const current = await processes.read(name, 'AWSCURRENT');
  if (current && (await works(current))) return true;
  const pending = strategy === 'in-place' ? await processes.read(name, 'AWSPENDING') : undefined;
  return pending !== undefined && (await works(pending));
}

/**
 * Rotates once for every effect that a rotation has at its target: the process is killed right behind that effect,
 * another one takes up what it left. Answers the effects, in their order.
 */
async function killBehindEach(stage: Stage, credential: Credential): Promise<readonly string[]> {
  const { proxy, processes, works } = stage;
  const { name } = credential;
  for (let effect = 1; ; effect += 1) {
    const before = await processes.read(name, 'AWSCURRENT');
    proxy.killAt(effect, () => processes.kill());
    const first = await processes.rotate(name, `killed behind effect ${effect}`);
    const wasKilled = first.is === 'killed';
    const where = `behind effect ${effect} (${proxy.effects.at(-1)})`;
    expect([where, await someValueWorks(stage, credential)]).toEqual([where, true]);

    const last = wasKilled ? await processes.rotate(name, `killed behind effect ${effect}`) : first;
    expect([where, last]).toMatchObject([
      where,
      { is: 'ended', phase: 'retired', isProvenRefused: true, isAuditWhole: true },
    ]);
    const after = await processes.read(name, 'AWSCURRENT');
    expect([where, before && after && before.equals(after)]).toEqual([where, false]);
    expect([where, before && (await works(before)), after && (await works(after))]).toEqual([
      where,
      false,
      true,
    ]);
    if (!wasKilled) return proxy.effects.slice();
  }
}

/** Adopts everything and rotates once in peace, so that each later rotation has a predecessor that we made. */
async function inPeace({ processes }: Stage, { name }: Credential): Promise<void> {
  expect(await processes.rotate(name, 'in peace')).toMatchObject({ phase: 'retired' });
}

const named = (credentials: readonly Credential[], name: string): Credential => {
  const found = credentials.find((each) => each.name === name);
  if (found) return found;
  throw new RangeError(`no credential ${name}`);
};

describe('a process that is killed behind each effect at PostgreSQL', () => {
  let bed: PostgresBed;
  beforeAll(async () => {
    bed = await postgresBed();
  });
  afterAll(() => bed.stop());

  const rotations = [
    // install, disable, revoke: each a change and its commit
    ['vector-store', ['ALTER ROLE', 'COMMIT', 'ALTER ROLE', 'COMMIT', 'ALTER ROLE', 'COMMIT']],
    ['rag-db-admin', ['ALTER ROLE', 'COMMIT', 'pg_terminate_backend']],
  ] as const;

  it.each(rotations)('%s goes on where it stood', async (name, effects) => {
    await bed.reset();
    const proxy = await killingProxy(bed.server.port, sqlEffect);
    const credentials = aDatabase(proxy.port);
    const firstValue = bed.rewritten(bed.authority.current, { port: proxy.port }).reveal();
    const processes = new RotatingProcesses(aWorkspace(credentials), { 'rag-db-admin': firstValue });
    const works = async (value: Secret): Promise<boolean> =>
      (await bed.tries({ version: 'any', key: 'any', value })) === 'works';
    const stage = { proxy, processes, works };
    try {
      await inPeace(stage, named(credentials, name));
      expect(await killBehindEach(stage, named(credentials, name))).toEqual(effects);
    } finally {
      processes.remove();
      await proxy.close();
    }
  });
});

describe('a process that is killed behind each effect at the double of OpenAI', () => {
  const project = 'proj_agents';
  const first = { id: 'key_first', value: 'sk-admin-not-a-real-key-of-anybody' };
  let folder: TempFolder;
  let double: RunningDouble;
  beforeAll(async () => {
    folder = tempFolder();
    double = await startOpenaiDouble({
      folder: folder.at(),
      seed: { projects: [project], adminKeys: [first] },
    });
  });
  afterAll(async () => {
    await double.stop();
    folder.remove();
  });

  const accepts = async (path: string, key: string): Promise<boolean> => {
    const answer = await fetch(`${double.apiUrl}/${path}`, { headers: { authorization: `Bearer ${key}` } });
    await answer.arrayBuffer();
    return answer.status === 200;
  };
  const works = (value: Secret): Promise<boolean> => {
    const { apiKey, adminKey } = JSON.parse(value.reveal()) as Readonly<Record<string, string>>;
    return apiKey === undefined
      ? accepts('organization/admin_api_keys?limit=1', adminKey ?? '')
      : accepts('models', apiKey);
  };

  // The authority comes last: the first admin key ends with its rotation.
  it.each(['openai-agents', 'openai-admin'])(
    '%s goes on where it stood, and leaves no key behind',
    async (name) => {
      const proxy = await killingProxy(double.port, httpEffect);
      const credentials = aProject(proxy.port, project);
      const firstValue = JSON.stringify({ adminKey: first.value, keyId: first.id });
      const processes = new RotatingProcesses(aWorkspace(credentials), { 'openai-admin': firstValue });
      const stage = { proxy, processes, works };
      try {
        await inPeace(stage, named(credentials, name));
        const effects = await killBehindEach(stage, named(credentials, name));
        expect(effects.map((effect) => effect.split(' ')[0])).toEqual(['POST', 'DELETE']);
        const admin = await processes.read('openai-admin', 'AWSCURRENT');
        expect(await oursAt(double, admin, name)).toHaveLength(1);
      } finally {
        processes.remove();
        await proxy.close();
      }
    },
  );
});

/** Every key or account at the double that carries our name for a credential. */
async function oursAt(
  double: RunningDouble,
  admin: Secret | undefined,
  name: string,
): Promise<readonly unknown[]> {
  const { adminKey } = JSON.parse(admin?.reveal() ?? '{}') as Readonly<Record<string, string>>;
  const path = name === 'openai-admin' ? 'admin_api_keys' : 'projects/proj_agents/service_accounts';
  const answer = await fetch(`${double.apiUrl}/organization/${path}?limit=100`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  const { data } = (await answer.json()) as { readonly data: readonly { readonly name: string | null }[] };
  // Behind `lockstep/` stands the mark of this world.
  const ours = new RegExp(`^lockstep/[0-9a-z]{8}/local/${name}/`);
  return data.filter((each) => ours.test(each.name ?? ''));
}

/** A receiver that drops the old key when it is told that it is disabled, as Standard Webhooks' receivers here do. */
class Receiver {
  readonly server: Server;
  /** Versions whose signature it takes no more. */
  readonly #dropped = new Set<string>();

  constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        response.statusCode = this.#statusOf(JSON.parse(body) as Told);
        response.end();
      });
    });
  }

  #statusOf({ type, data: { version, replaces } }: Told): number {
    if (type === 'credential.disabled' && replaces !== undefined) this.#dropped.add(replaces);
    return type === 'lockstep.probe' && this.#dropped.has(version) ? 401 : 200;
  }
}

interface Told {
  readonly type: string;
  readonly data: { readonly version: string; readonly replaces?: string };
}

describe('a process that is killed behind each message to a receiver', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = new Receiver();
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
  });
  afterAll(() => void receiver.server.close());

  it('goes on where it stood: a signing key is told, dropped, and proved to be refused', async () => {
    const proxy = await killingProxy((receiver.server.address() as AddressInfo).port, httpEffect);
    const [credential, ...others] = aReceiver(proxy.port);
    if (!credential) throw new RangeError('no credential');
    const processes = new RotatingProcesses(aWorkspace([credential, ...others]), {});
    try {
      expect(await processes.rotate(credential.name, 'in peace')).toMatchObject({ phase: 'retired' });
      // told, told that the old one is disabled, and asked whether it still takes that
      for (const message of [1, 2, 3]) {
        const request = `killed behind message ${message}`;
        proxy.killAt(message, () => processes.kill());
        expect([message, await processes.rotate(credential.name, request)]).toEqual([
          message,
          { is: 'killed' },
        ]);
        expect([message, await processes.rotate(credential.name, request)]).toMatchObject([
          message,
          { phase: 'retired', isProvenRefused: true, isAuditWhole: true },
        ]);
      }
    } finally {
      processes.remove();
      await proxy.close();
    }
  });
});
