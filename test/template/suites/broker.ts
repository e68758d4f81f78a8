import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { ACCESS_PATH } from '../../../lambdas/contracts/access-wire.ts';
import { functionsIn } from '../deployed-functions.ts';
import { functionArn } from '../offered-policies.ts';
import { example } from '../the-example.ts';

/** One call of a function URL, as Lambda hands it over. */
interface UrlCall {
  /** The alias whose URL was called; absent: the function itself was invoked. */
  readonly alias?: string;
  /** The role whose session IAM says has signed. */
  readonly role?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** Has the uploaded folder of the broker answer calls of `whoami`, in a process and a place of its own, which reaches nobody. */
function asked(calls: readonly UrlCall[]): readonly Answer[] {
  const [environment] = example().environments;
  const broker = environment && functionsIn(environment).find(({ name }) => name === 'grant-lease');
  if (!environment || !broker) throw new Error('the example has no broker');
  const events = calls.map(({ alias, role, headers = {} }) => ({
    event: {
      requestContext: {
        http: { method: 'POST', path: ACCESS_PATH, sourceIp: '192.0.2.1' },
        ...(role === undefined
          ? {}
          : {
              authorizer: {
                iam: {
                  accountId: environment.account,
                  userArn: `arn:aws:sts::${environment.account}:assumed-role/${role}/session`,
                },
              },
            }),
      },
      headers,
      body: JSON.stringify({ ask: 'whoami' }),
    },
    invokedFunctionArn: functionArn(
      environment,
      alias === undefined ? 'grant-lease' : `grant-lease:${alias}`,
    ),
  }));
  const away = mkdtempSync(join(tmpdir(), 'lockstep-broker-'));
  try {
    cpSync(broker.folder, away, { recursive: true });
    const script = `
      Object.assign(process.env, ${JSON.stringify(broker.variables)}, { AWS_REGION: ${JSON.stringify(environment.region)} });
      const { handler } = await import(${JSON.stringify(pathToFileURL(join(away, 'index.mjs')).href)});
      const answers = [];
      for (const { event, invokedFunctionArn } of ${JSON.stringify(events)})
        answers.push(await handler(event, { invokedFunctionArn }));
      console.log('answers ' + JSON.stringify(answers));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: away,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const line = said.split('\n').find((each) => each.startsWith('answers ')) ?? '';
    return JSON.parse(line.slice('answers '.length)) as readonly Answer[];
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

const bodyOf = ({ body }: Answer): unknown => JSON.parse(body);

// The broker as it is uploaded: its code, its policies, its engine and its inventory, far from this repository.

it('broker: knows who signed, and decides by the policies that lie beside it', () => {
  const [agent, service, stranger] = asked([
    { alias: 'live', role: 'research-agent' },
    { alias: 'live', role: 'rag-api' },
    { alias: 'live', role: 'somebody' },
  ]);
  if (!agent || !service || !stranger) throw new Error('not everybody was answered');
  expect(agent.statusCode).toBe(200);
  expect(bodyOf(agent)).toMatchObject({ caller: 'agent:research-agent', purposes: ['answer-questions'] });
  expect((bodyOf(agent) as { readonly leasables: readonly string[] }).leasables).toContain('model-session');
  expect((bodyOf(agent) as { readonly leasables: readonly string[] }).leasables).not.toContain(
    'vector-owner',
  );
  expect(bodyOf(service)).toMatchObject({ caller: 'workload:rag-api' });
  expect(stranger.statusCode).toBe(403);
  expect(stranger.body).not.toContain('model-session');
});

it.each<[string, UrlCall]>([
  ['invokes the function itself, and names a caller', { role: 'research-agent' }],
  ['names a caller at the alias for tokens', { alias: 'tokens', role: 'research-agent' }],
  ['names nobody at the alias for signatures', { alias: 'live' }],
  ['comes by an alias that has no URL', { alias: 'other', role: 'research-agent' }],
  [
    'shows a token that nobody has signed',
    { alias: 'tokens', headers: { 'lockstep-token': 'eyJhbGciOiJub25lIn0.e30.' } },
  ],
])('broker: lets nobody in who %s', (_what, call) => {
  const [answer] = asked([call]);
  expect(answer?.statusCode).toBe(401);
  expect(answer?.body).not.toMatch(/research-agent|model-session/);
});
