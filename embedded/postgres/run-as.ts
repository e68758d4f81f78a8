import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { ServerAccount } from './server-account.ts';

/** How to run a program as the account of the server. */
export interface RunAs {
  /** The command line that does it. */
  command(file: string, args: readonly string[]): { readonly file: string; readonly args: readonly string[] };
  /** What `spawn` needs besides. */
  readonly options: { readonly uid?: number; readonly gid?: number };
}

/** As whoever we are. */
const AS_OURSELVES: RunAs = { command: (file, args) => ({ file, args }), options: {} };

/**
 * Rights that let a process pass folders closed to its user, the smaller first. The first one may only read
 * and search. Docker withholds it by default but grants the second, which may also write: with it the server
 * is kept from our files by its own checks alone, as it would be had it run as root.
 */
const CAPABILITIES = ['dac_read_search', 'dac_override'] as const;

/**
 * Finds a way in which the account reaches every path: plainly, or, where a folder on the way is closed to
 * it (a clone below `/root`, or in a `mktemp -d`), with one capability kept.
 *
 * @param paths existing files and folders that the server must be able to use
 */
export async function runAs(account: ServerAccount | undefined, paths: readonly string[]): Promise<RunAs> {
  if (!account) return AS_OURSELVES;
  const { uid, gid } = account;
  const plainly: RunAs = { ...AS_OURSELVES, options: { uid, gid } };
  if (await reaches(plainly, paths)) return plainly;
  for (const capability of CAPABILITIES) {
    const way = withCapability(account, capability);
    if (await reaches(way, paths)) return way;
  }
  throw await closedFolder(account, paths);
}

/**
 * `no_setuid_fixup`, because PostgreSQL looks for its own program with access(2), which otherwise forgets the
 * capabilities of any user but root. The bounding set leaves the server with this one capability and no way
 * to any other (capabilities(7)).
 */
function withCapability({ uid, gid }: ServerAccount, capability: string): RunAs {
  const only = `-all,+${capability}`;
  const user = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  const rights = ['--inh-caps', only, '--ambient-caps', only, '--bounding-set', only];
  const prefix = [...user, '--securebits', '+no_setuid_fixup', ...rights, '--'];
  return { command: (file, args) => ({ file: 'setpriv', args: [...prefix, file, ...args] }), options: {} };
}

async function reaches(way: RunAs, paths: readonly string[]): Promise<boolean> {
  // `test -x` asks with access(2), as PostgreSQL does.
  const script = 'for path in "$@"; do test -x "$path" || exit 1; done';
  const { file, args } = way.command('/bin/sh', ['-c', script, 'sh', ...paths]);
  return promisify(execFile)(file, [...args], { ...way.options, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Names the outermost folder that is closed, its mode, and the way out. */
async function closedFolder(account: ServerAccount, paths: readonly string[]): Promise<LockstepError> {
  const plainly: RunAs = { ...AS_OURSELVES, options: { uid: account.uid, gid: account.gid } };
  for (const path of paths) {
    for (const folder of withParents(path)) {
      if (await reaches(plainly, [folder])) continue;
      const mode = ((await stat(folder)).mode & 0o777).toString(8).padStart(4, '0');
      return new LockstepError(
        'FOLDER_FORBIDDEN',
        `PostgreSQL runs as user ${account.name}, which may not enter ${folder} (mode ${mode}) on the way to ${path}; ` +
          `run: chmod o+x ${folder}, or move the repository to a folder that all may enter, or run as an ordinary user`,
      );
    }
  }
  return new LockstepError(
    'FOLDER_FORBIDDEN',
    `PostgreSQL runs as user ${account.name}, which was kept from ${paths.join(' or ')}; run as an ordinary user instead`,
  );
}

/** `/a`, `/a/b`, `/a/b/c` for `/a/b/c`. */
function withParents(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...withParents(parent), path];
}
