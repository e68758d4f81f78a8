import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { foreignName, LockstepError } from '../../core/errors.ts';

const FILE = 'lockstep.config.ts';

/**
 * What a workspace's `lockstep.config.ts` exports by default. Throws `NOTHING_REACHABLE` where there is no such
 * file, `INVENTORY_INVALID` where it cannot be loaded; a foreign error's text may quote the file, so only its
 * name and place are told.
 */
export async function loadWorkspace(folder: string): Promise<unknown> {
  const path = join(folder, FILE);
  if (!existsSync(path))
    throw new LockstepError(
      'NOTHING_REACHABLE',
      `there is no ${FILE} in ${folder}; go to the workspace, or name it with --folder`,
    );
  const module = await load(path);
  if ('default' in module) return module.default;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `${path} exports nothing by default; write: export default defineWorkspace({ … })`,
  );
}

async function load(path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    const seen = foreignName(error);
    // What Node and the transpiler say where package.json makes a CommonJS file of it.
    const mend =
      seen === 'ERR_REQUIRE_CYCLE_MODULE'
        ? 'package.json of the workspace has to say "type": "module"'
        : 'npx tsc --noEmit says why';
    throw new LockstepError(
      'INVENTORY_INVALID',
      `${path} cannot be loaded (${seen}${placeOf(error)}); ${mend}`,
    );
  }
}

/** Where the transpiler stumbled: two numbers of its message, and none of its words. */
function placeOf(error: unknown): string {
  const [, line, column] = (error instanceof Error && /:(\d+):(\d+): ERROR/.exec(error.message)) || [];
  return line === undefined ? '' : `, line ${line}, column ${Number(column) + 1}`;
}
