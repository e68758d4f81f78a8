import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sealedHead } from '../../lambdas/contracts/audit-shapes.ts';
import { fit, parseJson } from '../../lambdas/contracts/check.ts';
import type { SealedHead } from '../../lambdas/core/audit/head.ts';
import { canonicalJson } from '../../lambdas/core/digest.ts';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { HeadStore } from '../../lambdas/core/ports/audit.ts';
import { isSystemError, writeOnce } from '../files/write-once.ts';

/** Heads per folder: one a minute fills a folder in seventeen hours. */
const PER_FOLDER = 1000;

/**
 * `HeadStore` as one file per head, outside of the audit's own file: written whole, once, read-only.
 *
 * Whoever may write the folder can still remove the newest heads; copying them elsewhere is what helps
 * (docs/threat-model.md).
 */
export class FileHeadStore implements HeadStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    guarded(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  }

  async latest(): Promise<SealedHead | undefined> {
    const folders = this.#names(this.#folder, /^\d{9}$/);
    for (const folder of folders.toReversed()) {
      const newest = this.#names(join(this.#folder, folder), HEAD_FILE).at(-1);
      if (newest !== undefined) return this.#read(Number(newest.slice(0, 12)));
    }
    return undefined;
  }

  async put(head: SealedHead): Promise<void> {
    const { number } = head.head;
    const path = this.#path(number);
    const written = guarded(path, () => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      return writeOnce(path, `${canonicalJson(head)}\n`, 0o400);
    });
    if (written === 'written' || canonicalJson(this.#read(number)) === canonicalJson(head)) return;
    throw new LockstepError(
      'LEDGER_CONFLICT',
      `audit head ${number} exists and is another one; read the latest again`,
    );
  }

  async list(fromNumber: number, limit: number): Promise<readonly SealedHead[]> {
    const heads: SealedHead[] = [];
    const last = (await this.latest())?.head.number ?? 0;
    for (let number = Math.max(1, fromNumber); number <= last && heads.length < limit; number += 1) {
      // A missing one is left out: the verifier names the gap.
      if (existsSync(this.#path(number))) heads.push(this.#read(number));
    }
    return heads;
  }

  #path(number: number): string {
    const folder = String(Math.floor(number / PER_FOLDER)).padStart(9, '0');
    return join(this.#folder, folder, `${String(number).padStart(12, '0')}.json`);
  }

  #read(number: number): SealedHead {
    const path = this.#path(number);
    const text = guarded(path, () => readFileSync(path, 'utf8'));
    const what = `audit head ${number} in ${path}`;
    return fit(sealedHead, parseJson(text, 'AUDIT_BROKEN', what), 'AUDIT_BROKEN', what);
  }

  #names(folder: string, pattern: RegExp): string[] {
    const names = guarded(folder, () => readdirSync(folder));
    return names.filter((name) => pattern.test(name)).sort();
  }
}

const HEAD_FILE = /^\d{12}\.json$/;

function guarded<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const seen = foreignName(error);
    const because = { cause: error };
    if (isSystemError(error, 'ENOSPC', 'EDQUOT'))
      throw new LockstepError('NO_ROOM', `no room for audit heads in ${path} (${seen})`, because);
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR'))
      throw new LockstepError(
        'STORE_FORBIDDEN',
        `audit heads cannot be read or written in ${path} (${seen}); give this user the right to it`,
        because,
      );
    throw new LockstepError(
      'AUDIT_UNAVAILABLE',
      `audit heads in ${path} do not answer (${seen}); try again`,
      because,
    );
  }
}
