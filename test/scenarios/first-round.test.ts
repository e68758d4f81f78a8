import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Secret } from '../../lambdas/core/secret.ts';
import { formsOf } from './canary-forms.ts';
import { EmbeddedProcess, exitOf } from './embedded-process.ts';
import { valuesOf } from './values-of-world.ts';

describe('npm start -- --once', () => {
  const embedded = new EmbeddedProcess();
  let code: number | null;
  let values: readonly Secret[];

  beforeAll(async () => {
    code = await exitOf(embedded.start('--once'));
    values = await valuesOf(embedded.folder);
  }, 240_000);
  afterAll(() => embedded.dispose(), 60_000);

  it('goes all the way round with every credential, and every claim of its summary holds', () => {
    expect(embedded.said).not.toContain('FAIL');
    expect(embedded.said.match(/^ok /gm)).toHaveLength(10);
    expect(code, embedded.said.slice(-2000)).toBe(0);
  });

  it('counts no failed attempt, and both targets agree', () => {
    expect(embedded.said).toContain('dependents counted 0 failed attempts');
    expect(embedded.said).toMatch(/PostgreSQL's own log agrees: [1-9]\d* logins served, 0 refused/);
    expect(embedded.said).toMatch(/the double of OpenAI agrees: [1-9]\d* calls served, 0 refused/);
  });

  it('shows the page of the reader that was refused', () => {
    expect(embedded.said).toMatch(/research-agent asked for vector-store, was refused \(403\)/);
    expect(embedded.said).toContain('first command: lockstep history --findings');
  });

  it('leaves no process behind', () => {
    expect(existsSync(embedded.folder.runtime)).toBe(false);
  });

  it('leaves no value anywhere but in the vault and at its target', () => {
    // given every value that was ever current or pending: two of each credential
    expect(values.length).toBeGreaterThanOrEqual(12);
    // when everything that the run left behind is searched, and everything that it said
    const found = leaksIn(embedded, values);
    // then none of them is there, in any form
    expect(found).toEqual([]);
  });

  it('would have found a value that leaked once, in any of its forms', () => {
    const [leaked] = values;
    if (!leaked) throw new Error('there is no value');
    for (const form of formsOf(leaked)) {
      expect(isLeaking(`a log line with ${form} in it`, values), form).toBe(true);
    }
  });
});

/** What may hold values: the double stands for a provider, which knows its keys. */
const TARGETS = ['openai-double/organization.json'];

function leaksIn({ workspace, folder, said }: EmbeddedProcess, values: readonly Secret[]): readonly string[] {
  const files = filesBelow(workspace).filter((path) => !TARGETS.includes(relative(folder.root, path)));
  const leaking = files
    .filter((path) => isLeaking(readFileSync(path, 'latin1'), values))
    .map((path) => relative(workspace, path));
  return isLeaking(said, values) ? [...leaking, 'standard output'] : leaking;
}

const isLeaking = (text: string, values: readonly Secret[]): boolean =>
  values.some((value) => formsOf(value).some((form) => text.includes(form)));

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
