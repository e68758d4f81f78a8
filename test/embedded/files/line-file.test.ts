import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LineFile } from '../../../embedded/files/line-file.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

describe('a book of lines', () => {
  const folder = inTempFolder();
  const path = (): string => folder().at('deep', 'attempts.jsonl');

  it('has one object a line, for this user alone', () => {
    const book = new LineFile(path());
    book.append({ n: 1 });
    book.append({ n: 2 });
    expect(readFileSync(path(), 'utf8')).toBe('{"n":1}\n{"n":2}\n');
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('goes on where another process of the same name has ended', () => {
    new LineFile(path()).append({ n: 1 });
    new LineFile(path()).append({ n: 2 });
    expect(readLines(path())).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('never fails: what cannot be written waits, and is written first when it can', () => {
    // given a place where nothing can be written, as on a full disk
    mkdirSync(path(), { recursive: true });
    const book = new LineFile(path());
    expect(() => {
      book.append({ n: 1 });
      book.append({ n: 2 });
    }).not.toThrow();
    // when there is room again
    rmdirSync(path());
    book.append({ n: 3 });
    expect(readLines(path())).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('writes what waits also where nothing comes after it', () => {
    mkdirSync(path(), { recursive: true });
    const book = new LineFile(path());
    book.append({ n: 1 });
    rmdirSync(path());
    book.flush();
    book.flush();
    expect(readLines(path())).toEqual([{ n: 1 }]);
  });

  it('keeps a bounded number of lines waiting, and counts the others', () => {
    mkdirSync(path(), { recursive: true });
    const book = new LineFile(path(), 20);
    for (let n = 1; n <= 5; n += 1) book.append({ n });
    rmdirSync(path());
    book.flush();
    expect(readLines(path())).toEqual([{ n: 1 }, { n: 2 }]);
    expect(book.dropped).toBe(3);
  });

  it('leaves no half a line where the disk is full in the middle of it', () => {
    // given a file system that takes nothing: every write to it ends with ENOSPC
    const full = new LineFile('/dev/full');
    expect(() => full.append({ n: 1 })).not.toThrow();
    // and a reader passes over what a crash cut short
    mkdirSync(folder().at('deep'), { recursive: true });
    writeFileSync(path(), '{"n":1}\n{"n":');
    expect(readLines(path())).toEqual([{ n: 1 }]);
  });
});
