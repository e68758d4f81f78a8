import { expect, it } from 'vitest';
import { Secret } from '../../../../lambdas/core/secret.ts';
import { LEASE_ADMIN_KEY } from '../bed-targets.ts';
import type { DeployedStage } from '../open-stage.ts';

const DATABASE = 'rag-db-leases';
const MODEL = 'openai-leases';

/** A person supplies what leases are made by, with the command line and an administrator's session, and nothing else. */
export function supplyStories(stage: () => DeployedStage): void {
  it('a person supplies the lease authority: prepared and set at the server, and proved through the alias for that', async () => {
    const prepared = await supply<{ readonly statements: readonly string[] }>(stage(), '--prepare');
    await administer(stage(), prepared.statements);

    const made = await supply<{ readonly is: string; readonly statements: readonly string[] }>(stage());
    expect(made.is).toBe('current');
    // the server knows nothing of the value yet
    const { code, errors } = await stage().cli.run('platform-admin', 'supply', DATABASE, '--prove');
    expect(code).not.toBe(0);
    expect(errors).toContain('TARGET_REFUSES_LOGIN');

    await administer(stage(), made.statements);
    const proved = await supply<{ readonly is: string }>(stage(), '--prove');
    expect(proved.is).toBe('current');
  }, 240_000);

  it('a person supplies a key that was made in the provider’s console, by a pipe, and what the provider refuses is not used', async () => {
    const wrong = new Secret('sk-admin-fake-that-nobody-has-made-anywhere');
    const refused = await stage().cli.feed(wrong, 'platform-admin', 'supply', MODEL, '--from-stdin');
    expect(refused.code).not.toBe(0);
    expect(refused.errors).toContain('TARGET_REFUSES_LOGIN');
    await pipeModelKey(stage(), stage().targets.leaseAdminKey);
  }, 240_000);
}

/** The same person changes the login that leases of the database are made by. */
export async function changeDatabaseLogin(stage: DeployedStage): Promise<void> {
  const made = await supply<{ readonly is: string; readonly statements: readonly string[] }>(stage);
  expect(made.is).toBe('pending');
  await administer(stage, made.statements);
  expect((await supply<{ readonly is: string }>(stage, '--prove')).is).toBe('current');
}

/** The same for the provider: a key that was made in its console, and the one before is deleted there. */
export async function changeModelKey(stage: DeployedStage): Promise<void> {
  const before = stage.targets.leaseAdminKey;
  const { value } = await atConsole(stage, before, 'POST', '', { name: 'leases, the second' });
  const next = new Secret(String(value));
  await pipeModelKey(stage, next);
  await atConsole(stage, next, 'DELETE', `/${LEASE_ADMIN_KEY}`);
}

async function pipeModelKey({ cli, canaries }: DeployedStage, key: Secret): Promise<void> {
  canaries.keep(JSON.stringify({ adminKey: key.reveal() }));
  const { code, errors } = await cli.feed(key, 'platform-admin', 'supply', MODEL, '--from-stdin');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
}

/** A call to the double as its console makes it. Throws for an answer that is none. */
async function atConsole(
  { targets }: DeployedStage,
  key: Secret,
  method: string,
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${targets.openai.apiUrl}/organization/admin_api_keys${path}`, {
    method,
    headers: { authorization: `Bearer ${key.reveal()}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`the console answered ${answer.status} to ${method} ${path}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

async function supply<T>({ cli }: DeployedStage, ...options: readonly string[]): Promise<T> {
  const { code, output, errors } = await cli.run('platform-admin', 'supply', DATABASE, '--json', ...options);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return JSON.parse(output) as T;
}

/** An administrator of the server runs what was printed; lines in comments are about what there is already. */
async function administer({ targets }: DeployedStage, statements: readonly string[]): Promise<void> {
  for (const statement of statements)
    if (!statement.startsWith('--')) await targets.database.bed.sql(statement);
}
