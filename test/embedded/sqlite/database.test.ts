import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteDatabase, SqlValue } from '../../../embedded/sqlite/database.ts';
import { openDatabase } from '../../../embedded/sqlite/open-database.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { notesIn } from './notes.ts';

function eachDatabase(): () => SqliteDatabase {
  const folder = inTempFolder();
  let database: SqliteDatabase | undefined;
  beforeEach(() => {
    database = openDatabase(notesIn(folder().at('notes.sqlite')));
  });
  afterEach(() => database?.close());
  return () => database ?? openDatabase(notesIn(folder().at('notes.sqlite')));
}

const insert = (database: SqliteDatabase, ...values: readonly SqlValue[]): number =>
  database.run('INSERT INTO note (id, text, number, bytes) VALUES (?, ?, ?, ?)', values);

describe('values on their way to SQLite and back', () => {
  const database = eachDatabase();

  it('binds truth values as 0 and 1, which libsql alone would abort the process over', () => {
    insert(database(), 'a', null, true, null);
    insert(database(), 'b', null, false, null);
    const rows = database().all('SELECT number FROM note ORDER BY id');
    expect(rows).toEqual([{ number: 1 }, { number: 0 }]);
  });

  it('binds whole numbers as integers and others as reals', () => {
    const [row] = database().all('SELECT typeof(?) AS whole, typeof(?) AS part', [5, 5.5]);
    expect(row).toEqual({ whole: 'integer', part: 'real' });
  });

  it('takes a lone buffer for one parameter', () => {
    const bytes = new Uint8Array([1, 2, 255]);
    database().run("INSERT INTO note (id, bytes) VALUES ('a', ?)", [bytes]);
    expect(database().get('SELECT bytes FROM note')).toEqual({ bytes });
    expect(database().all('SELECT bytes FROM note')).toEqual([{ bytes }]);
  });

  it('gives rows with their own columns and no other', () => {
    insert(database(), 'a', 'text', 1, null);
    expect(database().get('SELECT * FROM note')).toEqual({ id: 'a', text: 'text', number: 1, bytes: null });
  });

  it.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s rather than storing NULL',
    (value) => {
      expect(() => insert(database(), 'a', value as unknown as SqlValue, null, null)).toThrow(TypeError);
      expect(database().all('SELECT * FROM note')).toEqual([]);
    },
  );
});

describe('the one way to SQLite', () => {
  const database = eachDatabase();

  it('writes all of a transaction or nothing of it', () => {
    const work = (): void => {
      insert(database(), 'a', null, null, null);
      throw new RangeError('enough');
    };
    expect(() => database().transaction(work)).toThrow(RangeError);
    expect(database().all('SELECT * FROM note')).toEqual([]);
    database().transaction(() => insert(database(), 'b', null, null, null));
    expect(database().all('SELECT id FROM note')).toEqual([{ id: 'b' }]);
  });

  it('refuses a transaction within another, and one that waits', () => {
    expect(() => database().transaction(() => database().transaction(() => 1))).toThrow('do not nest');
    const waiting = async (): Promise<number> => insert(database(), 'a', null, null, null);
    expect(() => database().transaction(waiting)).toThrow('cannot wait');
    expect(database().all('SELECT * FROM note')).toEqual([]);
  });

  it('does nothing any more after it was closed', () => {
    insert(database(), 'a', null, null, null);
    database().close();
    database().close();
    expect(() => database().all('SELECT * FROM note')).toThrow('has been closed');
  });
});
