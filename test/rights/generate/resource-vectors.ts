import { resourcePoliciesOf } from '../../template/resource-policies.ts';
import type { SynthesizedEnvironment } from '../../template/synthesized-environment.ts';
import type { Verdict } from '../evaluate.ts';
import type { NamedPolicy } from '../look-through.ts';
import { listOf, type Policy, type Statement } from '../policy.ts';
import type { Context } from '../request.ts';
import type { Vector, VectorFile } from '../vectors.ts';
import { apartOf } from './apart.ts';
import { quiet, settingsFor } from './contexts.ts';
import { anAction } from './instances.ts';

/** What is reached, by the beginning of its name in the ARN: everything that has a policy, and of each kind one. */
const REACHED = [
  ':secret:lockstep/staging/vector-store',
  ':secret:lockstep/staging/heartbeat',
  ':::lockstep-staging-audit-heads',
  ':::lockstep-staging-watch-trail',
  ':table/lockstep-staging-audit',
  ':lockstep-staging-seal-audit',
  ':lockstep-staging-on-call',
  ':key/lockstep-staging-audit-DataKey',
  ':key/lockstep-staging-audit-SealKey',
  ':key/lockstep-staging-vault',
  ':key/lockstep-staging-watch',
  ':function:lockstep-staging-target-postgres',
  ':role/lockstep/staging/lockstep-staging-timers',
  ':role/lockstep/staging/lockstep-staging-seal-audit',
];

/** A policy of a principal that limits nobody: what is left is what the other side says. */
const EVERYTHING: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** For each statement of policies of secrets, queues, keys … requests that it is about, and such as miss it by one thing. */
export function resourceVectors(environment: SynthesizedEnvironment): VectorFile {
  const attached = [...resourcePoliciesOf(environment)].filter(([arn]) =>
    REACHED.some((part) => arn.includes(part)),
  );
  return {
    about:
      'policies of what is reached, as they are synthesized: who is let in, who is refused whatever else allows it',
    policies: Object.fromEntries([
      ['everything', EVERYTHING],
      ...attached.map(([, { name, document }]) => [name, document] as const),
    ]),
    cases: attached.flatMap(([arn, policy]) =>
      policy.document.Statement.flatMap((statement, index) =>
        vectorsOf({ account: environment.account, arn, policy, statement, index }),
      ),
    ),
  };
}

interface Subject {
  readonly account: string;
  readonly arn: string;
  readonly policy: NamedPolicy;
  readonly statement: Statement;
  readonly index: number;
}

function vectorsOf(subject: Subject): readonly Vector[] {
  const { statement, account } = subject;
  const who = whoIsMeant(subject);
  const vector = vectorMaker(subject, who);
  const { misses } = settingsFor(statement.Condition ?? {});
  const all = who.startsWith('service:') ? [] : ['everything'];
  const missed = (identity: readonly string[], expected: Verdict): readonly Vector[] =>
    misses.map(({ name, value }) =>
      vector({
        what: `with ${name} ${JSON.stringify(value)}`,
        changes: { [name]: value },
        identity,
        expected,
      }),
    );
  if (statement.Effect === 'Deny')
    return [
      vector({ what: 'is refused', identity: all, expected: 'explicitly-denied' }),
      ...missed(all, 'allowed'),
      ...named(statement, 'ArnNotEquals').map((one) =>
        vector({ what: 'by who is excepted', principal: one, identity: all, expected: 'allowed' }),
      ),
    ];
  // A key that lets nobody in leaves nothing to policies of his own; with any other thing those would be enough.
  const stranger = isKeyFor(subject) ? all : [];
  const alone = isForAccount(statement) ? 'implicitly-denied' : 'allowed';
  return [
    vector({ what: 'is let in', identity: all, expected: 'allowed' }),
    ...(all.length === 0
      ? []
      : [vector({ what: 'without a policy of its own', identity: [], expected: alone })]),
    ...missed(stranger, 'implicitly-denied'),
    ...named(statement, 'ArnEquals').map(() =>
      vector({
        what: 'by a stranger',
        principal: anybody(account),
        identity: stranger,
        expected: guards(subject).length > 0 ? 'explicitly-denied' : 'implicitly-denied',
      }),
    ),
  ];
}

interface Wanted {
  readonly what: string;
  readonly principal?: string;
  readonly identity: readonly string[];
  readonly changes?: Context;
  readonly expected: Verdict;
}

function vectorMaker({ account, arn, policy, statement, index }: Subject, who: string) {
  const action = actionOf(statement);
  const resource = aResource(statement, arn);
  const name = `${arn.split(':').slice(5).join(':')}, ${statement.Sid ?? `statement ${index}`}: ${action}`;
  const { met } = settingsFor(statement.Condition ?? {});
  return ({ what, principal = who, identity, changes = {}, expected }: Wanted): Vector => {
    const context = { ...quiet({ principal, action, resource }), ...met, ...changes };
    return {
      name: `${name} ${what}`,
      principal,
      action,
      resource,
      resourceAccount: account,
      context,
      identity,
      resourcePolicy: policy.name,
      expected,
      ...apartOf({ action, context }),
    };
  };
}

const actionOf = ({ Action: actions }: Statement): string => anAction(listOf(actions)[0] ?? '');
const anybody = (account: string): string => `arn:aws:iam::${account}:role/Administrator`;

/** The first principal of a condition. */
const named = ({ Condition }: Statement, operator: string): readonly string[] =>
  listOf(Condition?.[operator]?.['aws:PrincipalArn']).slice(0, 1);

/** Whom a statement is about: for one without a name, whoever is not refused by another one of the same policy. */
function whoIsMeant(subject: Subject): string {
  const { account, statement } = subject;
  const { Principal: principal } = statement;
  if (typeof principal === 'object' && principal['Service'] !== undefined)
    return `service:${listOf(principal['Service'])[0] ?? ''}`;
  const [excepted] = guards(subject)
    .filter((guard) => guard !== statement)
    .flatMap((guard) => named(guard, 'ArnNotEquals'));
  return named(statement, 'ArnEquals')[0] ?? excepted ?? anybody(account);
}

const isForAccount = ({ Principal: principal }: Statement): boolean =>
  JSON.stringify(principal).includes(':root');

/** The statements of the same policy that refuse this action to everybody whom they do not name. */
const guards = ({ policy, statement }: Subject): readonly Statement[] =>
  policy.document.Statement.filter(
    ({ Effect, Action, Condition }) =>
      Effect === 'Deny' &&
      listOf(Action).includes(actionOf(statement)) &&
      Condition?.['ArnNotEquals'] !== undefined,
  );

/** Whether it is a key, and no statement leaves this action to the account. */
const isKeyFor = ({ policy, statement }: Subject): boolean =>
  actionOf(statement).startsWith('kms:') &&
  !policy.document.Statement.some(
    (each) =>
      each.Condition === undefined && isForAccount(each) && listOf(each.Action).includes(actionOf(statement)),
  );

/** A policy of a secret, key or table says `*` and means itself. */
function aResource({ Resource: resources, Action: actions }: Statement, arn: string): string {
  const [first = '*'] = listOf(resources);
  if (first === '*') return arn;
  const isAboutObjects = first.endsWith('/*') && !listOf(actions).includes('s3:*');
  return isAboutObjects
    ? first.replace('*', 'heads/000000000000-000000000000.json')
    : first.replace('/*', '');
}
