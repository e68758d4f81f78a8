import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkWorkspace } from '../../../lambdas/contracts/inventory/index.ts';
import { loadWorkspace } from '../../../lambdas/contracts/inventory/load-workspace.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

describe('the file of a workspace', () => {
  const folder = inTempFolder();
  const load = (text: string): Promise<unknown> => {
    mkdirSync(folder().at('workspace'), { recursive: true });
    writeFileSync(folder().at('workspace', 'package.json'), '{"type":"module"}');
    writeFileSync(folder().at('workspace', 'lockstep.config.ts'), text);
    return loadWorkspace(folder().at('workspace'));
  };

  it('is what it exports by default', async () => {
    expect(await load('export default { owners: {} }')).toEqual({ owners: {} });
  });

  it('is missed by name', async () => {
    await expect(loadWorkspace(folder().at('nowhere'))).rejects.toMatchObject({
      code: 'NOTHING_REACHABLE',
      message: expect.stringContaining('there is no lockstep.config.ts'),
    });
  });

  it.each([
    ['exports nothing by default', 'export const a = 1;', 'exports nothing by default'],
    ['fails when it is read', "throw new Error('sk-fakefakefake');", 'cannot be loaded'],
    ['names a module that is not there', "import './sk-fakefakefake.ts';", 'cannot be loaded'],
    ['is no program', "const key = 'sk-fakefakefake' =;", 'cannot be loaded'],
  ])('is refused as an inventory where it %s, and never quoted', async (_, text, says) => {
    const failure = await load(text).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVENTORY_INVALID', message: expect.stringContaining(says) });
    expect((failure as Error).message).not.toContain('sk-fake');
  });

  it.each([5, null, 'a text', [], undefined])(
    'that is no workspace at all has that one problem: %j',
    (given) => {
      expect(checkWorkspace(given)).toMatchObject([
        { path: 'the workspace', allowed: 'a workspace, as defineWorkspace() makes it' },
      ]);
    },
  );
});
