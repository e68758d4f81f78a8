import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { assertLeadsTo, loginValueText, readLoginValue } from '../../lambdas/postgres/login-value.ts';

const whole = {
  engine: 'postgres',
  host: 'db.example.com',
  port: 5432,
  dbname: 'rag',
  username: 'rag_a',
  password: 'fakePasswordOfATest',
};
const declared = { endpoint: { host: 'db.example.com', port: 5432 }, database: 'rag' };

describe('the value of a database login', () => {
  it('is read as it was written', () => {
    const value = readLoginValue(new Secret(JSON.stringify(whole)));
    expect(readLoginValue(loginValueText(value))).toEqual(value);
    expect(JSON.parse(loginValueText(value).reveal())).toEqual(whole);
  });

  it('may carry what AWS’s console adds', () => {
    const value = new Secret(JSON.stringify({ ...whole, dbInstanceIdentifier: 'rag-1' }));
    expect(readLoginValue(value).username).toBe('rag_a');
  });

  const broken: readonly (readonly [string, string])[] = [
    ['no JSON', 'fakePasswordOfATest'],
    ['cut short', JSON.stringify(whole).slice(0, -4)],
    ['a list', '["fakePasswordOfATest"]'],
    ['null', 'null'],
    ['another engine', JSON.stringify({ ...whole, engine: 'mysql' })],
    ['a port in quotes', JSON.stringify({ ...whole, port: '5432' })],
    ['no user', JSON.stringify({ ...whole, username: undefined })],
    ['an empty password', JSON.stringify({ ...whole, password: '' })],
    ['a password with a line break', JSON.stringify({ ...whole, password: 'fakePasswordOfATest\n' })],
  ];

  it.each(broken)('that is %s is refused without being quoted', (_what, text) => {
    const failure = (() => {
      try {
        return readLoginValue(new Secret(text));
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(LockstepError);
    expect(failure).toMatchObject({ code: 'VALUE_MALFORMED' });
    expect((failure as LockstepError).message).not.toContain('fakePassword');
  });

  it('leads where the inventory says, however the host is spelled', () => {
    const value = readLoginValue(new Secret(JSON.stringify({ ...whole, host: 'DB.example.com' })));
    expect(() => assertLeadsTo(value, declared)).not.toThrow();
  });

  it.each([{ host: 'elsewhere.example.com' }, { port: 6543 }, { dbname: 'postgres' }])(
    'that leads elsewhere by %j is refused',
    (change) => {
      const value = readLoginValue(new Secret(JSON.stringify({ ...whole, ...change })));
      expect(() => assertLeadsTo(value, declared)).toThrow(/does not lead where the inventory says/);
    },
  );
});
