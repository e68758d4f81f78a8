import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../lambdas/core/secret.ts';
import { githubAppLeaser } from '../../../lambdas/leasers/github-app/leaser.ts';
import { codeOf } from '../../ports/under-test.ts';
import { inMinutes } from '../in-minutes.ts';
import { aGithubWorld, API_URL, VALUE, WRONG_VALUE } from './a-world.ts';

type World = ReturnType<typeof aGithubWorld>;
let world: World;
beforeEach(() => {
  world = aGithubWorld();
});
afterEach(() => world.cleanUp());

const HOLDER = { holder: 'workload:docs-bot', purpose: 'answer-questions' };
const issue = (of = world.request(), minutes = 60) =>
  world.leaser.issue(of, HOLDER, inMinutes(world.clock.now, minutes));
const ended = () => world.github.made.map(({ isEnded }) => isEnded);

describe('a token that is leased', () => {
  it('is for its repositories and permissions, for an hour, and says so', async () => {
    const of = world.request();
    const { key, value, expiresAt } = await issue(of);
    expect(key).toBe(`${API_URL}/app/installations/7/${of.leaseId}`);
    expect(expiresAt).toBe('2026-01-01T01:00:00.000Z');
    expect(JSON.parse(value.reveal())).toEqual({
      token: expect.stringMatching(/^ghs_/),
      expiresAt,
      apiUrl: API_URL,
    });
    expect(world.github.asked).toEqual([{ repositories: ['docs'], permissions: { contents: 'read' } }]);
  });

  it('costs one request', async () => {
    await issue();
    expect(world.github.made).toHaveLength(1);
    expect(ended()).toEqual([false]);
  });

  it('is not made for a lease that would be shorter than it', async () => {
    await issue(world.request(), 59.5);
    expect(await codeOf(issue(world.request(), 58.9))).toBe('NOT_SUPPORTED');
    expect(world.github.asked).toHaveLength(1);
  });

  it('whose answer is lost is one that nobody has, and the next one works', async () => {
    const of = world.request();
    world.github.next('lose-answer');
    expect(await codeOf(issue(of))).toBe('TARGET_UNREACHABLE');
    const { value } = await issue({ ...of, fence: 2 });
    expect(world.may(value, 'acme/docs', 'contents', 'read')).toBe(true);
    expect(world.github.made).toHaveLength(2);
  });

  it('whose request is lost was never made', async () => {
    world.github.next('lose-request');
    expect(await codeOf(issue())).toBe('TARGET_UNREACHABLE');
    expect(world.github.made).toEqual([]);
  });

  it('is ended by its holder, with nothing but its value, as the page says', async () => {
    const { value } = await issue();
    const { token, apiUrl } = JSON.parse(value.reveal()) as {
      readonly token: string;
      readonly apiUrl: string;
    };
    const answer = await world.github.fetch(`${apiUrl}/installation/token`, {
      method: 'DELETE',
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': 'a-holder',
      },
    });
    expect(answer.status).toBe(204);
    expect(world.may(value, 'acme/docs', 'contents', 'read')).toBe(false);
  });
});

describe('a token that is handed to nobody, and taken back', () => {
  it.each([
    ['that outlives its lease', { expires_at: '2026-01-01T03:00:00Z' }, /ends 7200 s after its lease/],
    ['that does not say when it ends', { expires_at: 'soon' }, /no time at which it ends/],
    ['for every repository', { repository_selection: 'all' }, /repositories that were not asked for/],
    ['for no repository that it names', { repositories: [] }, /repositories that were not asked for/],
    ['that does not say what for', { repositories: null }, /repositories should be a list/],
    ['that may do more', { permissions: { contents: 'write' } }, /permissions that were not asked for/],
    [
      'that may do something else',
      { permissions: { issues: 'read' } },
      /permissions that were not asked for/,
    ],
    [
      'that may do what no level says',
      { permissions: { contents: 'all' } },
      /should be one of read, write, admin/,
    ],
  ])('%s', async (_what, over, said) => {
    world.github.next({ over });
    const outcome = issue();
    await expect(outcome).rejects.toThrow(said);
    expect(await codeOf(outcome)).toBe('TARGET_REFUSED');
    expect(ended()).toEqual([true]);
  });

  it('that came when nobody waited for it any more', async () => {
    const { clock, github } = world;
    const slow = githubAppLeaser({
      clock: clock.now,
      fetch: async (url, init) => {
        const answer = await github.fetch(url, init);
        clock.jump(60);
        return answer;
      },
    });
    const outcome = slow.issue(world.request(), HOLDER, inMinutes(clock.now, 60));
    expect(await codeOf(outcome)).toBe('FENCED_OFF');
    expect(ended()).toEqual([true]);
  });

  it('and stays for its hour where it cannot be taken back', async () => {
    world.github.next({ over: { repository_selection: 'all' } }, 'lose-request');
    expect(await codeOf(issue())).toBe('TARGET_REFUSED');
    expect(ended()).toEqual([false]);
  });
});

describe('a refusal', () => {
  it.each([
    [401, {}, 'TARGET_REFUSES_LOGIN'],
    [403, {}, 'TARGET_LACKS_GRANT'],
    [403, { 'x-ratelimit-remaining': '0' }, 'TARGET_BUSY'],
    [403, { 'retry-after': '60' }, 'TARGET_BUSY'],
    [404, {}, 'TARGET_REFUSED'],
    [422, {}, 'TARGET_LACKS_GRANT'],
    [429, {}, 'TARGET_BUSY'],
    [502, {}, 'TARGET_UNREACHABLE'],
    [301, { location: 'https://elsewhere.test' }, 'TARGET_REFUSED'],
    [400, {}, 'TARGET_REFUSED'],
  ])('of %d %j is %s, and repeats nothing that GitHub says', async (status, headers, expected) => {
    world.github.next({
      status,
      headers: { ...headers, 'x-github-request-id': 'canary in clear' },
      body: { message: 'canary' },
    });
    const error = await issue().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expected });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('canary');
  });

  it('says how long GitHub wants to be left alone', async () => {
    world.github.next({ status: 429, headers: { 'retry-after': '90' } });
    await expect(issue()).rejects.toMatchObject({ retryAfterSeconds: 90 });
  });

  it.each([
    [{ installation: 9 }, /is the installation suspended\?/, 'TARGET_LACKS_GRANT'],
    [{ installation: 10 }, /no installation of that number/, 'TARGET_REFUSED'],
    [
      { access: [{ repositories: ['secret'], permissions: { contents: 'read' } }] },
      /give it what access declares/,
      'TARGET_LACKS_GRANT',
    ],
    [
      { access: [{ repositories: ['docs'], permissions: { contents: 'admin' } }] },
      /give it what access declares/,
      'TARGET_LACKS_GRANT',
    ],
  ])('of %j names what to mend', async (target, said, code) => {
    const outcome = issue(world.request(target));
    await expect(outcome).rejects.toThrow(said);
    expect(await codeOf(outcome)).toBe(code);
    expect(world.github.made).toEqual([]);
  });

  it('says what to declare where a leasable names no authority', async () => {
    const { authority: _authority, ...of } = world.request();
    expect(await codeOf(issue(of))).toBe('INVENTORY_INVALID');
    expect(world.github.asked).toEqual([]);
  });
});

describe('the key of an App', () => {
  it('is proved by the App that it speaks for', async () => {
    expect(await codeOf(world.leaser.proveAuthority(world.declared, VALUE))).toBe('none');
    expect(await codeOf(world.leaser.proveAuthority(world.declared, WRONG_VALUE))).toBe(
      'TARGET_REFUSES_LOGIN',
    );
  });

  it('may be declared by the number of the App', async () => {
    const numbered = aGithubWorld('4711');
    expect(await codeOf(numbered.leaser.proveAuthority(numbered.declared, VALUE))).toBe('none');
    await numbered.cleanUp();
  });

  it('is refused where the API takes it for another App', async () => {
    world.github.next({ over: { id: 1, client_id: 'Iv23another' } });
    await expect(world.leaser.proveAuthority(world.declared, VALUE)).rejects.toThrow(
      /another App than Iv23lidouble/,
    );
  });

  it('shows itself in no error of what uses it', async () => {
    const value = new Secret(JSON.stringify({ privateKey: 'canary', more: 1 }));
    const { authority: _authority, ...of } = world.request();
    const error = await issue({ ...of, authority: { declared: world.declared, value } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'VALUE_MALFORMED' });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('canary');
  });
});
