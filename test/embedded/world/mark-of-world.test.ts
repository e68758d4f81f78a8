import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileSigner } from '../../../embedded/signer/file-signer.ts';
import { markOfWorld } from '../../../embedded/world/mark-of-world.ts';
import { isDeploymentMark } from '../../../lambdas/core/deployment-mark.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-mark-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const markOf = (world: string, environment = 'local'): Promise<string> =>
  markOfWorld(new FileSigner(join(folder, world, 'seal.pem')), environment);

it('the mark of a world is the same each time it is opened, as long as it has its key', async () => {
  const mark = await markOf('one');
  expect(isDeploymentMark(mark)).toBe(true);
  expect(await markOf('one')).toBe(mark);
});

it('two worlds have two, whatever their environments are called, and so have two environments', async () => {
  const marks = [await markOf('one'), await markOf('two'), await markOf('one', 'staging')];
  expect(new Set(marks).size).toBe(3);
});
