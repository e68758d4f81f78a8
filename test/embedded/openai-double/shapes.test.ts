import { describe, expect, it } from 'vitest';
import { ACCOUNTS, ADMIN, ADMIN_KEYS, aDouble, dataOf, KEYS } from './a-double.ts';

const SECONDS = 1_767_225_600;

describe('the objects of the administration API, as openai-node 7.57.0 types them', () => {
  it('a service account that is made shows its key once', () => {
    const double = aDouble();
    const { status, body } = double.ask('POST', ACCOUNTS, { body: { name: 'lockstep/a/b/c' } });
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'organization.project.service_account',
      id: expect.stringMatching(/^svc_acct_/),
      name: 'lockstep/a/b/c',
      role: 'member',
      created_at: SECONDS,
      api_key: {
        object: 'organization.project.service_account.api_key',
        id: expect.stringMatching(/^key_/),
        name: 'Secret Key',
        value: expect.stringMatching(/^sk-svcacct-double-/),
        created_at: SECONDS,
        expires_at: null,
      },
    });
  });

  it('a service account has no key in what is read', () => {
    const double = aDouble();
    const { account } = double.key('one');
    const expected = {
      object: 'organization.project.service_account',
      id: account,
      name: 'one',
      role: 'member',
      created_at: SECONDS,
    };
    expect(double.ask('GET', `${ACCOUNTS}/${account}`).body).toEqual(expected);
    expect(double.ask('GET', ACCOUNTS).body).toEqual({
      object: 'list',
      data: [expected],
      first_id: account,
      last_id: account,
      has_more: false,
    });
  });

  it('a service account alone has neither key nor role', () => {
    const double = aDouble();
    const made = double.ask('POST', ACCOUNTS, { body: { name: 'one', create_service_account_only: true } });
    expect(made.body).toMatchObject({ role: 'none', api_key: null });
    const { id } = made.body as { id: string };
    const second = double.ask('POST', `${ACCOUNTS}/${id}/api_keys`, { body: {} });
    const { value } = second.body as { value: string };
    expect(double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` }).status).toBe(401);
  });
});

describe('the objects of keys', () => {
  it('a key of a project names its owner, and shows no value', () => {
    const double = aDouble();
    const { account, keyId, value } = double.key('one');
    const shown = double.ask('GET', `${KEYS}/${keyId}`).body;
    expect(shown).toEqual({
      object: 'organization.project.api_key',
      id: keyId,
      name: 'Secret Key',
      redacted_value: `sk-svcacct-...${value.slice(-4)}`,
      created_at: SECONDS,
      last_used_at: null,
      expires_at: null,
      owner_project_access: 'active',
      owner: {
        type: 'service_account',
        service_account: { id: account, name: 'one', created_at: SECONDS, role: 'member' },
      },
    });
    expect(dataOf(double.ask('GET', KEYS))).toEqual([shown]);
  });

  it('an admin key shows its value when it is made, and never again', () => {
    const double = aDouble();
    const made = double.ask('POST', ADMIN_KEYS, { body: { name: 'new', expires_in_seconds: 60 } });
    const { value, ...rest } = made.body as Record<string, unknown>;
    expect(value).toMatch(/^sk-admin-double-/);
    expect(rest).toEqual({
      object: 'organization.admin_api_key',
      id: expect.stringMatching(/^key_/),
      name: 'new',
      redacted_value: expect.stringMatching(/^sk-admin-\.\.\./),
      created_at: SECONDS,
      expires_at: SECONDS + 60,
      last_used_at: null,
      owner: expect.objectContaining({ type: 'user', role: 'owner' }),
    });
    expect(double.ask('GET', `${ADMIN_KEYS}/${String(rest['id'])}`).body).toEqual(rest);
  });

  it.each([
    ['admin key', 'organization.admin_api_key.deleted'],
    ['service account', 'organization.project.service_account.deleted'],
    ['project key', 'organization.project.api_key.deleted'],
  ])('a deleted %s is confirmed once, and then unknown', (what, object) => {
    const double = aDouble();
    const { account, keyId } = double.key();
    const admin = (double.ask('POST', ADMIN_KEYS, { body: { name: 'new' } }).body as { id: string }).id;
    const [id, path] = {
      'admin key': [admin, ADMIN_KEYS],
      'service account': [account, ACCOUNTS],
      'project key': [keyId, KEYS],
    }[what] ?? ['', ''];
    expect(double.ask('DELETE', `${path}/${id}`).body).toEqual({ object, id, deleted: true });
    expect(double.ask('DELETE', `${path}/${id}`).status).toBe(404);
    expect(double.ask('GET', `${path}/${id}`).status).toBe(404);
  });
});

describe('the model endpoints', () => {
  it('list one model, named a double, and complete with one sentence', () => {
    const double = aDouble();
    const authorization = `Bearer ${double.key().value}`;
    expect(dataOf(double.ask('GET', '/v1/models', { authorization }))).toEqual([
      { id: 'gpt-double', object: 'model', created: 0, owned_by: 'lockstep-double' },
    ]);
    const body = { model: 'gpt-double', messages: [{ role: 'user', content: 'hello there' }] };
    expect(double.ask('POST', '/v1/chat/completions', { authorization, body }).body).toMatchObject({
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: { role: 'assistant', content: expect.stringContaining('double') },
        },
      ],
      usage: { prompt_tokens: 2 },
    });
  });
});

describe('last use', () => {
  it('is in whole seconds, rounded down, and of the key that was used alone', () => {
    const double = aDouble();
    const [used, idle] = [double.key('used'), double.key('idle')];
    double.pass(10.9);
    double.ask('GET', '/v1/models', { authorization: `Bearer ${used.value}` });
    expect(double.ask('GET', `${KEYS}/${used.keyId}`).body).toMatchObject({ last_used_at: SECONDS + 10 });
    expect(double.ask('GET', `${KEYS}/${idle.keyId}`).body).toMatchObject({ last_used_at: null });
    expect(double.ask('GET', `${ADMIN_KEYS}/key_first`).body).toMatchObject({ last_used_at: SECONDS + 10 });
  });

  it('is not moved by a key that is refused', () => {
    const double = aDouble();
    const { account, keyId, value } = double.key();
    double.ask('DELETE', `${KEYS}/${keyId}`);
    double.pass(5);
    expect(double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` }).status).toBe(401);
    expect(double.saved.at(-1)?.keys.find(({ id }) => id === keyId)?.lastUsedAtSeconds).toBeNull();
    expect(double.ask('GET', `${ACCOUNTS}/${account}`).status).toBe(200);
  });
});

it('keeps digests: no key is in what is stored', () => {
  const double = aDouble();
  const { value } = double.key();
  const admin = (double.ask('POST', ADMIN_KEYS, { body: { name: 'new' } }).body as { value: string }).value;
  const stored = JSON.stringify(double.saved);
  for (const key of [value, admin, ADMIN]) expect(stored).not.toContain(key);
});
