import { describe, expect, it } from 'vitest';
import { aDouble, errorOf, KEYS, type TestDouble } from './a-double.ts';

const use = (double: TestDouble, value: string): number =>
  double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` }).status;
const complete = (double: TestDouble, value: string) =>
  double.ask('POST', '/v1/chat/completions', {
    authorization: `Bearer ${value}`,
    body: { model: 'gpt-double', messages: [{ role: 'user', content: 'hello' }] },
  });

describe('a key whose scopes are replaced', () => {
  it('may do what they say and is told what it lacks', () => {
    const double = aDouble();
    const { keyId, value } = double.key();
    const changed = double.ask('POST', `${KEYS}/${keyId}`, { body: { scopes: ['api.model.request'] } });
    expect(changed.body).toMatchObject({ object: 'organization.project.api_key', id: keyId });
    expect(JSON.stringify(changed)).not.toContain(value);
    expect(complete(double, value).status).toBe(200);
    expect(use(double, value)).toBe(401);
    const refused = double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` });
    expect(errorOf(refused)).toMatchObject({
      code: null,
      message: expect.stringContaining('api.model.read'),
    });
  });

  it('may read everything by one scope, and do everything by none', () => {
    const double = aDouble();
    const { keyId, value } = double.key();
    double.ask('POST', `${KEYS}/${keyId}`, { body: { scopes: ['api.all.read'] } });
    expect([use(double, value), complete(double, value).status]).toEqual([200, 401]);
    double.ask('POST', `${KEYS}/${keyId}`, { body: { scopes: [] } });
    expect([use(double, value), complete(double, value).status]).toEqual([200, 200]);
  });

  it('has its end moved from the moment that it is asked for, and not once it has come', () => {
    const double = aDouble();
    const { keyId, value } = double.key();
    double.ask('POST', `${KEYS}/${keyId}`, { body: { expires_in_seconds: 10 } });
    double.pass(9);
    double.ask('POST', `${KEYS}/${keyId}`, { body: { expires_in_seconds: 10 } });
    double.pass(9);
    expect(use(double, value)).toBe(200);
    double.pass(1);
    expect(use(double, value)).toBe(401);
    expect(double.ask('POST', `${KEYS}/${keyId}`, { body: { expires_in_seconds: 10 } }).status).toBe(400);
  });

  it.each([
    ['nothing', {}],
    ['a field that it does not know', { expires_in: 10 }],
    ['null', { expires_in_seconds: null }],
    ['more than a year', { expires_in_seconds: 31_536_001 }],
    ['a scope that is none', { scopes: [7] }],
  ])('is not changed by %s', (_what, body) => {
    const double = aDouble();
    const { keyId } = double.key();
    expect(double.ask('POST', `${KEYS}/${keyId}`, { body }).status).toBe(400);
    expect(double.ask('POST', `${KEYS}/key_none`, { body: { scopes: [] } }).status).toBe(404);
  });
});
