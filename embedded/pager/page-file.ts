import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { isSystemError } from '../files/write-once.ts';

/** The pages that were shown, one JSON text a line, each once. */
export class PageFile {
  readonly #path: string;
  readonly #ids: Set<string>;

  constructor(path: string) {
    this.#path = path;
    this.#ids = new Set(this.pages().map(({ id }) => id));
  }

  /** Adds a page, durable when it returns. */
  add(page: Page): 'new' | 'known' {
    if (this.#ids.has(page.id)) return 'known';
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const file = openSync(this.#path, 'a', 0o600);
      try {
        // A line begins with its separator: half a line that a crash left stands alone.
        writeFileSync(file, `\n${JSON.stringify(page)}`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw fileError(this.#path, error);
    }
    this.#ids.add(page.id);
    return 'new';
  }

  /** All pages, the oldest first. Half a line is passed over. */
  pages(): readonly Page[] {
    if (!existsSync(this.#path)) return [];
    try {
      return readFileSync(this.#path, 'utf8').split('\n').flatMap(parsePage);
    } catch (error) {
      throw fileError(this.#path, error);
    }
  }
}

function parsePage(line: string): readonly Page[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Page];
  } catch {
    return [];
  }
}

function fileError(path: string, error: unknown): LockstepError {
  const seen = foreignName(error);
  if (isSystemError(error, 'ENOSPC', 'EDQUOT'))
    return new LockstepError('NO_ROOM', `no room for a page in ${path} (${seen})`, { cause: error });
  return new LockstepError('PAGER_UNAVAILABLE', `pages cannot be kept in ${path} (${seen})`, {
    cause: error,
  });
}
