import { describe, expect, it } from 'vitest';
import { ACCOUNTS, ADMIN, ADMIN_KEYS, aDouble, dataOf, errorOf, KEYS } from './a-double.ts';

describe('a key', () => {
  const double = aDouble();
  const project = double.key();
  const bearer = (value: string): string => `Bearer ${value}`;

  it.each([
    ['no header', '', null],
    ['another scheme', `Basic ${ADMIN}`, null],
    ['no key behind Bearer', 'Bearer ', null],
    ['an unknown key', bearer('sk-admin-some-other-key-that-is-unknown'), 'invalid_api_key'],
    ['a key with one character more', bearer(`${ADMIN}x`), 'invalid_api_key'],
    ['a project key on an admin route', bearer(project.value), null],
  ])('is refused on an admin route: %s', (_what, authorization, code) => {
    const refused = double.ask('GET', ADMIN_KEYS, { authorization });
    expect(refused.status).toBe(401);
    expect(errorOf(refused)).toMatchObject({ type: 'invalid_request_error', param: null, code });
  });

  it('of the organization opens no model route, and is told which scope it lacks', () => {
    const refused = double.ask('GET', '/v1/models');
    expect([refused.status, errorOf(refused)['code']]).toEqual([401, null]);
    expect(errorOf(refused)['message']).toMatch(/Missing scopes: api\.model\.read/);
  });

  it('that is refused is shown in part, as OpenAI does, and never whole', () => {
    const value = 'sk-admin-some-other-key-that-is-unknown';
    const text = JSON.stringify(double.ask('GET', ADMIN_KEYS, { authorization: bearer(value) }));
    expect(text).toContain('nown');
    expect(text).not.toContain(value);
    expect(JSON.stringify(double.ask('GET', ADMIN_KEYS, { authorization: 'Bearer short' }))).not.toContain(
      'short',
    );
  });
});

describe('an ended key', () => {
  const use = (double: ReturnType<typeof aDouble>, value: string): number =>
    double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` }).status;

  it('is refused from the moment that it is deleted, with its account or alone', () => {
    const double = aDouble();
    const [alone, together] = [double.key(), double.key()];
    double.ask('DELETE', `${KEYS}/${alone.keyId}`);
    double.ask('DELETE', `${ACCOUNTS}/${together.account}`);
    expect([use(double, alone.value), use(double, together.value)]).toEqual([401, 401]);
    expect(dataOf(double.ask('GET', ACCOUNTS)).map(({ id }) => id)).toEqual([alone.account]);
    expect(double.ask('GET', `${KEYS}/${together.keyId}`).status).toBe(404);
  });

  it('takes every key of its account along', () => {
    const double = aDouble();
    const { account, value } = double.key();
    const second = (
      double.ask('POST', `${ACCOUNTS}/${account}/api_keys`, { body: { name: 'second' } }).body as {
        value: string;
      }
    ).value;
    expect([use(double, value), use(double, second)]).toEqual([200, 200]);
    double.ask('DELETE', `${ACCOUNTS}/${account}`);
    expect([use(double, value), use(double, second)]).toEqual([401, 401]);
  });

  it('is refused when its time is up', () => {
    const double = aDouble();
    const made = double.ask('POST', ACCOUNTS, { body: { name: 'brief', expires_in_seconds: 10 } });
    const { value } = (made.body as { api_key: { value: string } }).api_key;
    double.pass(9.9);
    expect(use(double, value)).toBe(200);
    double.pass(0.1);
    expect(use(double, value)).toBe(401);
  });

  it('of the organization cannot be used to make another', () => {
    const double = aDouble();
    double.ask('DELETE', `${ADMIN_KEYS}/key_first`);
    expect(double.ask('POST', ADMIN_KEYS, { body: { name: 'again' } }).status).toBe(401);
  });
});

describe('a body', () => {
  const double = aDouble({ nameCharacters: 20 });

  it.each([
    ['an unknown field', { name: 'a', extra: 1 }, 'unknown_parameter', 'extra'],
    ['a misspelt one', { name: 'a', expiresInSeconds: 1 }, 'unknown_parameter', 'expiresInSeconds'],
    ['no name', {}, 'missing_required_parameter', 'name'],
    ['a name that is a number', { name: 1 }, 'invalid_type', 'name'],
    ['a name that is null', { name: null }, 'invalid_type', 'name'],
    ['an empty name', { name: ' ' }, 'empty_string', 'name'],
    ['a long name', { name: 'x'.repeat(21) }, 'string_above_max_length', 'name'],
    ['a name with a line break', { name: 'a\nb' }, 'invalid_value', 'name'],
    [
      'an expiry that is a text',
      { name: 'a', expires_in_seconds: '60' },
      'invalid_type',
      'expires_in_seconds',
    ],
    [
      'an expiry that is not whole',
      { name: 'a', expires_in_seconds: 1.5 },
      'invalid_type',
      'expires_in_seconds',
    ],
    [
      'an expiry of nothing',
      { name: 'a', expires_in_seconds: 0 },
      'integer_below_min_value',
      'expires_in_seconds',
    ],
    [
      'an expiry beyond a year',
      { name: 'a', expires_in_seconds: 31_536_001 },
      'integer_above_max_value',
      'expires_in_seconds',
    ],
  ])('is refused for %s, by every route that makes something', (_what, body, code, param) => {
    for (const path of [ADMIN_KEYS, ACCOUNTS]) {
      const refused = double.ask('POST', path, { body });
      expect([refused.status, errorOf(refused)]).toEqual([
        400,
        { message: expect.any(String), type: 'invalid_request_error', code, param },
      ]);
    }
    expect(dataOf(double.ask('GET', ACCOUNTS))).toEqual([]);
  });

  it.each([
    ['no JSON', '{"name":'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"name"'],
  ])('is refused where it is %s', (_what, body) => {
    expect(double.ask('POST', ACCOUNTS, { body }).status).toBe(400);
  });
});

describe('a body that fits its name', () => {
  const double = aDouble();

  it('is refused as anything but JSON, and where none belongs', () => {
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'a' }, contentType: 'text/plain' }).status).toBe(400);
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'a' }, contentType: '' }).status).toBe(400);
    expect(
      double.ask('POST', ACCOUNTS, { body: { name: 'a' }, contentType: 'application/json; charset=utf-8' })
        .status,
    ).toBe(200);
    expect(double.ask('GET', ACCOUNTS, { body: {} }).status).toBe(400);
  });

  it('may not give an account that has no key an expiry of one', () => {
    const body = { name: 'a', create_service_account_only: true, expires_in_seconds: 60 };
    expect(errorOf(double.ask('POST', ACCOUNTS, { body }))['param']).toBe('expires_in_seconds');
    const nulls = { name: 'a', create_service_account_only: null, expires_in_seconds: null };
    expect(double.ask('POST', ACCOUNTS, { body: nulls }).status).toBe(200);
    const text = { name: 'a', create_service_account_only: 'yes' };
    expect(errorOf(double.ask('POST', ACCOUNTS, { body: text }))['code']).toBe('invalid_type');
  });

  it('of a further key is as strict', () => {
    const { account } = double.key('one');
    const path = `${ACCOUNTS}/${account}/api_keys`;
    for (const body of [
      { extra: 1 },
      { name: 1 },
      { scopes: 'all' },
      { scopes: [1] },
      { scopes: [] },
      { expires_in_seconds: -1 },
    ])
      expect([body, double.ask('POST', path, { body }).status]).toEqual([body, 400]);
    expect(double.ask('POST', path, { body: { scopes: ['api.all.read'] } }).status).toBe(200);
    expect(double.ask('POST', `${ACCOUNTS}/svc_acct_unknown/api_keys`, { body: {} }).status).toBe(404);
  });
});

describe('a question to the model', () => {
  const double = aDouble();
  const authorization = `Bearer ${double.key().value}`;
  const good = { model: 'gpt-double', messages: [{ role: 'user', content: 'a' }] };

  it.each([
    ['no model', { messages: good.messages }, 400],
    ['another model', { ...good, model: 'gpt-4o' }, 404],
    ['no messages', { model: good.model }, 400],
    ['an empty list', { ...good, messages: [] }, 400],
    ['a text for the list', { ...good, messages: 'a' }, 400],
    ['an unknown role', { ...good, messages: [{ role: 'robot', content: 'a' }] }, 400],
    ['a message that is none', { ...good, messages: ['a'] }, 400],
    ['a further field in a message', { ...good, messages: [{ role: 'user', content: 'a', more: 1 }] }, 400],
    ['a further field', { ...good, stream: true }, 400],
    ['a wild temperature', { ...good, temperature: 3 }, 400],
    ['a budget that is not whole', { ...good, max_completion_tokens: 1.5 }, 400],
  ])('is refused for %s', (_what, body, status) => {
    expect(double.ask('POST', '/v1/chat/completions', { authorization, body }).status).toBe(status);
  });
});

describe('a list', () => {
  const double = aDouble({ liveKeysPerProject: 300 });
  const ids = Array.from({ length: 45 }, (_, n) => double.key(`account ${n}`).account);

  it('comes in pages of 20, or of any size up to 100, each after the last', () => {
    const seen: string[] = [];
    for (let after = ''; ;) {
      const page = double.ask('GET', `${ACCOUNTS}?limit=20${after}`);
      seen.push(...dataOf(page).map(({ id }) => String(id)));
      const { has_more, last_id } = page.body as { has_more: boolean; last_id: string };
      if (!has_more) break;
      after = `&after=${last_id}`;
    }
    expect(seen).toEqual(ids);
    expect(dataOf(double.ask('GET', ACCOUNTS))).toHaveLength(20);
    expect(dataOf(double.ask('GET', `${ACCOUNTS}?limit=100`))).toHaveLength(45);
  });

  it('goes on behind an item that was deleted meanwhile', () => {
    const own = aDouble();
    const [first, second, third] = [own.key(), own.key(), own.key()];
    own.ask('DELETE', `${ACCOUNTS}/${first?.account}`);
    const rest = dataOf(own.ask('GET', `${ACCOUNTS}?after=${first?.account}`));
    expect(rest.map(({ id }) => id)).toEqual([second?.account, third?.account]);
  });

  it.each([
    ['limit=0', 'integer_below_min_value'],
    ['limit=-1', 'integer_below_min_value'],
    ['limit=101', 'integer_above_max_value'],
    ['limit=ten', 'invalid_type'],
    ['limit=1.5', 'invalid_type'],
    ['limit=', 'invalid_type'],
    ['limit=1&limit=2', 'duplicate_parameter'],
    ['after=unknown', 'invalid_value'],
    ['before=x', 'unknown_parameter'],
    ['page=2', 'unknown_parameter'],
  ])('is refused with ?%s', (query, code) => {
    for (const path of [ACCOUNTS, KEYS, ADMIN_KEYS]) {
      const refused = double.ask('GET', `${path}?${query}`);
      expect([refused.status, errorOf(refused)['code']]).toEqual([400, code]);
    }
  });
});

describe('a list that is asked for a part', () => {
  it('of admin keys has an order', () => {
    const own = aDouble();
    const second = (own.ask('POST', ADMIN_KEYS, { body: { name: 'second' } }).body as { id: string }).id;
    const idsOf = (query: string) => dataOf(own.ask('GET', `${ADMIN_KEYS}${query}`)).map(({ id }) => id);
    expect([idsOf(''), idsOf('?order=asc'), idsOf('?order=desc')]).toEqual([
      ['key_first', second],
      ['key_first', second],
      [second, 'key_first'],
    ]);
    expect(own.ask('GET', `${ADMIN_KEYS}?order=newest`).status).toBe(400);
    expect(own.ask('GET', `${ACCOUNTS}?order=asc`).status).toBe(400);
  });

  it('of keys is filtered by the access of their owner', () => {
    const own = aDouble();
    own.key();
    const made = own.ask('POST', ACCOUNTS, { body: { name: 'none', create_service_account_only: true } });
    own.ask('POST', `${ACCOUNTS}/${(made.body as { id: string }).id}/api_keys`, { body: {} });
    const count = (filter: string): number =>
      dataOf(own.ask('GET', `${KEYS}?owner_project_access=${filter}`)).length;
    expect([count('any'), count('active'), count('inactive')]).toEqual([2, 1, 1]);
    expect(own.ask('GET', `${KEYS}?owner_project_access=all`).status).toBe(400);
  });
});

describe('a place', () => {
  const double = aDouble();

  it.each([
    ['GET', '/'],
    ['GET', '/models'],
    ['GET', '/v2/models'],
    ['GET', '/v1'],
    ['GET', '/v1/models/gpt-double'],
    ['PUT', ADMIN_KEYS],
    ['PATCH', ACCOUNTS],
    ['POST', `${ADMIN_KEYS}/key_first`],
    ['GET', `${ADMIN_KEYS}/`],
    ['GET', `${ADMIN_KEYS}/key.first`],
    ['GET', `${ADMIN_KEYS}/../admin_api_keys/key_first/..%2f`],
    ['GET', '//evil.test/v1/models'],
    ['GET', 'http://'],
  ])('that this double does not know is 404: %s %s', (method, target) => {
    const refused = double.ask(method, target);
    expect([refused.status, refused.route]).toEqual([404, 'unknown']);
    expect(errorOf(refused)).toMatchObject({ type: 'invalid_request_error' });
  });

  it('of another project, or of an unknown one, shows nothing of this one', () => {
    const { account, keyId } = double.key();
    for (const project of ['proj_other', 'proj_unknown']) {
      const base = `/v1/organization/projects/${project}`;
      expect(double.ask('GET', `${base}/service_accounts/${account}`).status).toBe(404);
      expect(double.ask('DELETE', `${base}/service_accounts/${account}`).status).toBe(404);
      expect(double.ask('GET', `${base}/api_keys/${keyId}`).status).toBe(404);
      expect(double.ask('DELETE', `${base}/api_keys/${keyId}`).status).toBe(404);
    }
    expect(dataOf(double.ask('GET', '/v1/organization/projects/proj_other/service_accounts'))).toEqual([]);
    expect(double.ask('GET', '/v1/organization/projects/proj_unknown/service_accounts').status).toBe(404);
  });
});

describe('room', () => {
  it('for live keys is limited, per project and in all, and deleting makes some', () => {
    const double = aDouble({ liveKeysPerProject: 2, liveAdminKeys: 2 });
    const [first] = [double.key(), double.key()];
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'third' } }).status).toBe(400);
    expect(double.ask('POST', `${ACCOUNTS}/${first?.account}/api_keys`, { body: {} }).status).toBe(400);
    expect(dataOf(double.ask('GET', ACCOUNTS))).toHaveLength(2);
    const other = '/v1/organization/projects/proj_other/service_accounts';
    expect(double.ask('POST', other, { body: { name: 'there' } }).status).toBe(200);
    double.ask('DELETE', `${ACCOUNTS}/${first?.account}`);
    expect(double.ask('POST', ACCOUNTS, { body: { name: 'third' } }).status).toBe(200);
    expect(double.ask('POST', ADMIN_KEYS, { body: { name: 'second' } }).status).toBe(200);
    expect(double.ask('POST', ADMIN_KEYS, { body: { name: 'third' } }).status).toBe(400);
  });
});

it('calls itself a double in every refusal', () => {
  const double = aDouble();
  for (const refused of [
    double.ask('GET', '/nowhere'),
    double.ask('GET', ADMIN_KEYS, { authorization: '' }),
    double.ask('POST', ACCOUNTS, { body: {} }),
  ])
    expect(errorOf(refused)['message']).toMatch(/^\[Lockstep double of OpenAI\]/);
});
