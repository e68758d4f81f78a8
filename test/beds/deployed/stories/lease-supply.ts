import { expect, it } from 'vitest';
import type { DeployedStage } from '../open-stage.ts';

const AUTHORITY = 'rag-db-leases';

/** A person supplies what leases are made by, with the command line and an administrator's session, and nothing else. */
export function supplyStory(stage: () => DeployedStage): void {
  it('a person supplies the lease authority: prepared and set at the server, and proved through the alias for that', async () => {
    const prepared = await supply<{ readonly statements: readonly string[] }>(stage(), '--prepare');
    await administer(stage(), prepared.statements);

    const made = await supply<{ readonly is: string; readonly statements: readonly string[] }>(stage());
    expect(made.is).toBe('current');
    // the server knows nothing of the value yet
    const { code, errors } = await stage().cli.run('platform-admin', 'supply', AUTHORITY, '--prove');
    expect(code).not.toBe(0);
    expect(errors).toContain('TARGET_REFUSES_LOGIN');

    await administer(stage(), made.statements);
    const proved = await supply<{ readonly is: string }>(stage(), '--prove');
    expect(proved.is).toBe('current');
  }, 240_000);
}

async function supply<T>({ cli }: DeployedStage, ...options: readonly string[]): Promise<T> {
  const { code, output, errors } = await cli.run('platform-admin', 'supply', AUTHORITY, '--json', ...options);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return JSON.parse(output) as T;
}

/** An administrator of the server runs what was printed; lines in comments are about what there is already. */
async function administer({ targets }: DeployedStage, statements: readonly string[]): Promise<void> {
  for (const statement of statements)
    if (!statement.startsWith('--')) await targets.database.bed.sql(statement);
}
