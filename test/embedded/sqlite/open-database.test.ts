import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../embedded/sqlite/open-database.ts';
import { isLockstepError, type LockstepError } from '../../../lambdas/core/errors.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { NEWER_NOTES, NOTES, notesIn } from './notes.ts';

const SCRIPT = fileURLToPath(new URL('./open-as-child.ts', import.meta.url));

/** The error that opening ends with. */
function refusalOf(path: string, schema = NOTES): LockstepError {
  try {
    openDatabase(notesIn(path, schema)).close();
  } catch (error) {
    if (isLockstepError(error)) return error;
    throw error;
  }
  throw new Error(`${path} was opened`);
}

/** A path in a folder of its own, and the same with so many notes in it. */
function eachPath() {
  const folder = inTempFolder();
  const path = (): string => folder().at('data', 'notes.sqlite');
  const written = (count: number): string => {
    const database = openDatabase(notesIn(path()));
    database.transaction(() => {
      for (let at = 0; at < count; at += 1)
        database.run('INSERT INTO note (id, text) VALUES (?, ?)', [`note ${at}`, 'x'.repeat(200)]);
    });
    database.close();
    // What an open connection leaves beside the file; folded into it by `close`.
    for (const leftover of ['-wal', '-shm']) rmSync(`${path()}${leftover}`, { force: true });
    return path();
  };
  return { folder, path, written };
}

describe('opening a file of a store', () => {
  const { path, written } = eachPath();

  it('makes a file where there is none, for this user alone, and leaves nothing beside it', () => {
    written(1);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path())).filter((name) => name.endsWith('.new'))).toEqual([]);
    const database = openDatabase(notesIn(path()));
    expect(database.all('SELECT id FROM note')).toEqual([{ id: 'note 0' }]);
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
    database.close();
  });

  it('takes a file to the next version and keeps what is in it', () => {
    written(2);
    const database = openDatabase(notesIn(path(), NEWER_NOTES));
    expect(database.all('SELECT id, mood FROM note ORDER BY id')).toEqual([
      { id: 'note 0', mood: 'old' },
      { id: 'note 1', mood: 'old' },
    ]);
    database.close();
    openDatabase(notesIn(path(), NEWER_NOTES)).close();
  });

  it('refuses a file of a newer version and leaves it as it is', () => {
    openDatabase(notesIn(path(), NEWER_NOTES)).close();
    const before = readFileSync(path());
    const refusal = refusalOf(path());
    expect(refusal.code).toBe('STORE_NEWER');
    expect(refusal.message).toContain('schema 2, this one knows 1');
    expect(readFileSync(path()).equals(before)).toBe(true);
  });
});

describe('an open file of a store', () => {
  const { path, written } = eachPath();

  it('waits for nobody for ever', () => {
    const [one, other] = [openDatabase(notesIn(path())), openDatabase(notesIn(path()))];
    one.script('BEGIN IMMEDIATE');
    expect(() => other.transaction(() => 1)).toThrow(expect.objectContaining({ code: 'LEDGER_UNAVAILABLE' }));
    one.script('ROLLBACK');
    expect(other.transaction(() => 1)).toBe(1);
    one.close();
    other.close();
  });

  it('names a full disk, and keeps what was written before', () => {
    written(1);
    const database = openDatabase(notesIn(path()));
    database.all('PRAGMA max_page_count = 8');
    const big = (): number =>
      database.run("INSERT INTO note (id, text) VALUES ('big', ?)", ['x'.repeat(100_000)]);
    expect(() => database.transaction(big)).toThrow(expect.objectContaining({ code: 'NO_ROOM' }));
    expect(database.all('SELECT id FROM note')).toEqual([{ id: 'note 0' }]);
    database.run("INSERT INTO note (id) VALUES ('small')");
    database.close();
  });
});

describe('a damaged file of a store', () => {
  const { folder, path, written } = eachPath();

  const damages: Readonly<Record<string, () => void>> = {
    'is no database': () => writeFileSync(path(), 'x'.repeat(8192)),
    'is empty': () => truncateSync(path(), 0),
    'lost its end': () => truncateSync(path(), statSync(path()).size - 4096),
    'was overwritten in its middle': () => {
      const bytes = readFileSync(path());
      writeFileSync(path(), bytes.fill(0xff, 8192, 8192 + 6000));
    },
    'belongs to another store': () => {
      const other = folder().at('other', 'notes.sqlite');
      openDatabase(notesIn(other, { ...NOTES, applicationId: 1 })).close();
      copyFileSync(other, path());
    },
  };

  it.each(Object.keys(damages))('refuses a file that %s, and leaves it as it is', (name) => {
    written(300);
    damages[name]?.();
    const before = readFileSync(path());
    const refusal = refusalOf(path());
    expect(refusal.code).toBe('STORE_DAMAGED');
    expect(refusal.message).toContain(path());
    expect(readFileSync(path()).equals(before)).toBe(true);
  });

  it('refuses to bury a write-ahead log whose file was lost', () => {
    written(1);
    rmSync(path());
    writeFileSync(`${path()}-wal`, 'committed writes');
    expect(refusalOf(path()).code).toBe('STORE_DAMAGED');
    expect(existsSync(path())).toBe(false);
    expect(readFileSync(`${path()}-wal`, 'utf8')).toBe('committed writes');
  });
});

describe('a file that this user may not open', () => {
  const { folder, path, written } = eachPath();

  it('names a place where no file can be', () => {
    mkdirSync(path(), { recursive: true });
    expect(refusalOf(path()).code).toBe('STORE_FORBIDDEN');
    writeFileSync(folder().at('file'), '');
    expect(refusalOf(folder().at('file', 'notes.sqlite')).code).toBe('STORE_FORBIDDEN');
  });

  it('names a missing right, to the file and to its folder', () => {
    written(1);
    // Root may do everything, so a child without its rights asks.
    const isRoot = process.getuid?.() === 0;
    const ask = (): string =>
      execFileSync(process.execPath, ['--import', 'tsx', SCRIPT, path(), isRoot ? 'drop' : ''], {
        encoding: 'utf8',
      });
    chmodSync(folder().at(), 0o755);
    chmodSync(dirname(path()), 0o755);
    chmodSync(path(), isRoot ? 0o644 : 0o444);
    expect(ask()).toBe('STORE_FORBIDDEN');
    chmodSync(path(), isRoot ? 0o666 : 0o644);
    chmodSync(dirname(path()), isRoot ? 0o755 : 0o555);
    expect(ask()).toBe('STORE_FORBIDDEN');
    chmodSync(dirname(path()), 0o777);
    expect(ask()).toBe('opened');
  });

  it('lets several processes make one file at once', async () => {
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ['--import', 'tsx', SCRIPT, path(), 'write'], { stdio: 'ignore' }),
    );
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(children.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const database = openDatabase(notesIn(path()));
    expect(database.get('SELECT count(*) AS notes FROM note')).toEqual({ notes: 3 });
    database.close();
  });
});
