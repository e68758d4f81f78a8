import { describe, expect, it } from 'vitest';
import { ACCOUNTS, ADMIN_KEYS, aDouble, dataOf, errorOf } from './a-double.ts';

const MINT = 'POST /organization/projects/{id}/service_accounts';

describe('an ordered fault', () => {
  it('loses a request: nothing happens', () => {
    const double = aDouble();
    double.faults.order(MINT, { do: 'lose-request' });
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'a' } }).transport).toBe('lose');
    expect(dataOf(double.ask('GET', ACCOUNTS))).toEqual([]);
  });

  it('loses an answer: everything has happened', () => {
    const double = aDouble();
    double.faults.order(MINT, { do: 'lose-answer' });
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'a' } }).transport).toBe('lose');
    expect(dataOf(double.ask('GET', ACCOUNTS))).toHaveLength(1);
  });

  it.each([429, 500, 503] as const)('answers %i before anything happens', (status) => {
    const double = aDouble();
    double.faults.order(MINT, { do: 'refuse', status, retryAfter: '3' });
    const refused = double.ask('POST', ACCOUNTS, { body: { name: 'a' } });
    expect([refused.status, refused.headers]).toEqual([status, { 'retry-after': '3' }]);
    expect(errorOf(refused)['code']).toBe(status === 429 ? 'rate_limit_exceeded' : null);
    expect(dataOf(double.ask('GET', ACCOUNTS))).toEqual([]);
  });

  it('is slow', () => {
    const double = aDouble();
    double.faults.order(MINT, { do: 'slow', milliseconds: 250 });
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'a' } })).toMatchObject({
      status: 200,
      transport: { delayMs: 250 },
    });
  });

  it('hits its route alone, as often as ordered', () => {
    const double = aDouble();
    double.faults.order(MINT, { do: 'refuse', status: 500 }, 2);
    expect(double.ask('GET', ADMIN_KEYS).status).toBe(200);
    const mint = (): number => double.ask('POST', ACCOUNTS, { body: { name: 'a' } }).status;
    expect([mint(), mint(), mint()]).toEqual([500, 500, 200]);
  });
});

describe('caches of the provider', () => {
  const use = (double: ReturnType<typeof aDouble>, value: string): number =>
    double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` }).status;

  it('are late to know a new key', () => {
    const double = aDouble();
    double.pass(60);
    double.faults.delay({ newKeyMs: 5000 });
    const { value } = double.key();
    expect(use(double, value)).toBe(401);
    double.pass(5);
    expect(use(double, value)).toBe(200);
  });

  it('are late to forget an ended one, which no list shows any more', () => {
    const double = aDouble();
    double.faults.delay({ revocationMs: 5000 });
    const { account, value } = double.key();
    double.ask('DELETE', `${ACCOUNTS}/${account}`);
    expect([use(double, value), dataOf(double.ask('GET', ACCOUNTS))]).toEqual([200, []]);
    double.pass(5);
    expect(use(double, value)).toBe(401);
  });
});
