import { beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import example from '../../lockstep.config.ts';
import { CommandLine } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
  line.workspace = example;
});
const run = (words: string) => line.run(`supply ${words} --stage staging`);
const value = (): string => line.pipeline.supplied[0]?.value.reveal() ?? '';

describe('lockstep supply, for a database', () => {
  it('makes a password that nobody sees, and a statement that carries its verifier alone', async () => {
    expect(await run('rag-db-leases')).toBe(0);
    const { password, username, host } = JSON.parse(value()) as Readonly<Record<string, string>>;
    expect([username, host]).toEqual(['lockstep_leases', 'rag-db.staging.example.com']);
    expect(password).toMatch(/^\S{20,}$/);
    expect(line.output).toMatch(/^ALTER ROLE "lockstep_leases" LOGIN PASSWORD 'SCRAM-SHA-256\$4096:/);
    expect(line.output).toContain('-- then: lockstep supply rag-db-leases --prove --stage staging');
    expect(line.said).not.toContain(password);
    expect(line.pipeline.proved).toEqual([]);
  });

  it('waits for the administrator where a person is there, and then has it proved', async () => {
    line.person = { answers: [''] };
    expect(await run('rag-db-leases')).toBe(0);
    expect(line.errors).toContain('ALTER ROLE "lockstep_leases"');
    expect(line.pipeline.proved).toEqual(['rag-db-leases']);
    expect(line.output).toContain('proved by a login');
  });

  it('keeps what it has put when the person breaks off, and proves it later', async () => {
    line.person = { answers: [] };
    expect(await run('rag-db-leases')).not.toBe(0);
    expect([line.pipeline.supplied.length, line.pipeline.proved]).toEqual([1, []]);
    line.person = {};
    expect(await run('rag-db-leases --prove')).toBe(0);
    expect([line.pipeline.supplied.length, line.pipeline.proved]).toEqual([1, ['rag-db-leases']]);
  });

  it('says what an administrator prepares, and puts nothing', async () => {
    expect(await run('rag-db-leases --prepare')).toBe(0);
    expect(line.output).toContain('GRANT "rag_reader" TO "lockstep_leases" WITH ADMIN TRUE');
    expect(line.output).not.toContain('PASSWORD');
    expect(line.pipeline.supplied).toEqual([]);
  });

  it('does not say that it is used where the target refuses it', async () => {
    line.pipeline.holdsSupply = true;
    line.pipeline.proofAnswer = new LockstepError('TARGET_REFUSES_LOGIN', 'the login was refused');
    expect(await run('rag-db-leases --prove')).toBe(1);
    expect(line.output).toBe('');
  });
});

describe('lockstep supply, for what a provider makes', () => {
  const KEY = `sk-admin-${'f'.repeat(40)}`;

  it('takes it from standard input, proves it and uses it', async () => {
    line.person = { piped: `${KEY}\n` };
    expect(await run('openai-leases --from-stdin --json')).toBe(0);
    expect(value()).toContain(KEY);
    expect(line.json).toEqual({ authority: 'openai-leases', is: 'current', version: 'v-1' });
    expect(line.said).not.toContain(KEY);
  });

  it('asks for it unseen', async () => {
    line.person = { hidden: KEY };
    expect(await run('openai-leases')).toBe(0);
    expect(line.asked[0]).toContain('not shown');
    expect([value().includes(KEY), line.said.includes(KEY)]).toEqual([true, false]);
  });

  it('puts nothing that is no key, and does not repeat it', async () => {
    line.person = { piped: 'a password by mistake' };
    expect(await run('openai-leases --from-stdin')).toBe(1);
    expect([line.pipeline.supplied, line.said.includes('by mistake')]).toEqual([[], false]);
  });
});

describe('lockstep supply, written wrong', () => {
  it.each([
    ['vector-store', 'declares no lease authority of that name; it has rag-db-leases, openai-leases'],
    ['rag-db-leases --from-stdin', 'leave --from-stdin out'],
    ['rag-db-leases --prepare --prove', 'one at a time'],
    ['openai-leases --prepare', 'nothing to prepare'],
    ['openai-leases', 'Pipe it in with --from-stdin'],
  ])('puts nothing: %s', async (words, message) => {
    expect(await run(words)).toBe(2);
    expect(line.errors).toContain(message);
    expect(line.pipeline.supplied).toEqual([]);
  });
});
