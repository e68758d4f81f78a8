import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import type { NamedPolicy } from './look-through.ts';
import { NotUnderstood } from './not-understood.ts';
import type { Statement } from './policy.ts';
import type { Context, Request } from './request.ts';

const ROLE = 'arn:aws:iam::111111111111:role/app/reader';
const QUEUE = 'arn:aws:sqs:eu-central-1:111111111111:orders';
const BUCKET = 'arn:aws:s3:::heads';

const policy = (...statements: readonly unknown[]): NamedPolicy => ({
  name: 'p',
  document: { Version: '2012-10-17', Statement: statements as readonly Statement[] },
});

const listing = (context: Context): Request => ({
  principal: ROLE,
  action: 's3:ListBucket',
  resource: BUCKET,
  resourceAccount: '111111111111',
  context,
});

const sending: Request = {
  principal: ROLE,
  action: 'sqs:SendMessage',
  resource: QUEUE,
  resourceAccount: '111111111111',
};

const allow = (more: object = {}): object => ({
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: QUEUE,
  ...more,
});
const allowListing = (condition: object): object => ({
  Effect: 'Allow',
  Action: 's3:ListBucket',
  Resource: BUCKET,
  Condition: condition,
});

describe('statements that decided', () => {
  it('are all that allow, of the principal and of what is reached, by policy and place', () => {
    const identity = policy(
      { Effect: 'Allow', Action: 'sqs:ReceiveMessage', Resource: '*' },
      allow(),
      allow({ Resource: '*' }),
    );
    const resource = { ...policy(allow({ Principal: '*' })), name: 'the queue’s' };
    const { by } = evaluate(sending, { identity: [identity], resource });
    expect(by.map(({ policy: name, index }) => [name, index])).toEqual([
      ['p', 1],
      ['p', 2],
      ['the queue’s', 0],
    ]);
  });

  it('are all that deny, and none that would have allowed', () => {
    const identity = policy(allow(), allow({ Effect: 'Deny' }));
    const { verdict, by } = evaluate(sending, { identity: [identity] });
    expect([verdict, by.map(({ index }) => index)]).toEqual(['explicitly-denied', [1]]);
  });

  it('are none where nobody allows it', () => {
    expect(evaluate(sending, { identity: [] })).toMatchObject({ verdict: 'implicitly-denied', by: [] });
  });
});

describe('what it does not know is no verdict', () => {
  it.each([
    ['NotAction', { Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }, 'NotAction'],
    ['NotResource', { Effect: 'Allow', Action: 'sqs:*', NotResource: QUEUE }, 'NotResource'],
    ['an element that IAM has not', allow({ Conditions: {} }), 'Conditions'],
    ['a principal in a policy of a principal', allow({ Principal: '*' }), 'Principal'],
    ['no resource', { Effect: 'Allow', Action: 'sqs:*' }, 'no resource'],
    ['no action', { Effect: 'Allow', Action: [], Resource: '*' }, 'no action'],
    ['an effect that is none', { Effect: 'allow', Action: 'sqs:*', Resource: '*' }, 'effect allow'],
    ['an action without a service', allow({ Action: 'SendMessage' }), 'SendMessage'],
    ['a policy variable', allow({ Resource: 'arn:aws:sqs:*:*:${aws:username}' }), 'variable'],
    ['an ARN that is not whole', allow({ Resource: 'arn:aws:sqs:orders' }), 'no whole ARN'],
    ['a wildcard for the service', allow({ Resource: 'arn:aws:s*:eu-central-1:1:orders' }), 'service'],
  ])('%s', (_what, statement, named) => {
    expect(() => evaluate(sending, { identity: [policy(statement)] })).toThrow(NotUnderstood);
    expect(() => evaluate(sending, { identity: [policy(statement)] })).toThrow(named);
  });

  it.each([
    ['an operator', { DateLessThan: { 's3:prefix': '2027' } }, 'DateLessThan'],
    ['an operator of another type', { Bool: { 's3:prefix': 'true' } }, 's3:prefix'],
    ['an operator over ARNs for a text', { ArnLike: { 's3:prefix': 'arn:aws:s3:::a' } }, 's3:prefix'],
    [
      'an operator over a set that is none',
      { 'ForSomeValues:StringLike': { 's3:prefix': 'a' } },
      'ForSomeValues',
    ],
    ['a key', { StringEquals: { 's3:colour': 'green' } }, 's3:colour'],
    ['an answer that is none', { Null: { 's3:prefix': 'maybe' } }, 'maybe'],
    ['both answers at once', { Null: { 's3:prefix': ['true', 'false'] } }, 'true and false'],
    ['nothing to compare with', { StringEquals: { 's3:prefix': [] } }, 'nothing'],
    ['a number that is none', { NumericLessThan: { 's3:TlsVersion': 'new' } }, 'new'],
  ])('in a condition: %s', (_what, condition, named) => {
    const request = listing({ 's3:prefix': 'a', 's3:TlsVersion': '1.3' });
    const evaluating = () => evaluate(request, { identity: [policy(allowListing(condition))] });
    expect(evaluating).toThrow(NotUnderstood);
    expect(evaluating).toThrow(named);
  });

  it('is found behind a condition that does not hold', () => {
    const condition = { StringEquals: { 's3:prefix': 'b' }, DateLessThan: { 's3:prefix': 'c' } };
    expect(() =>
      evaluate(listing({ 's3:prefix': 'a' }), { identity: [policy(allowListing(condition))] }),
    ).toThrow('DateLessThan');
  });

  it.each([
    ['a kind of principal', { Federated: 'accounts.google.com' }, 'Federated'],
    ['a session', { AWS: 'arn:aws:sts::111111111111:assumed-role/reader/one' }, 'assumed-role'],
    ['a part of a name', { AWS: 'arn:aws:iam::111111111111:role/*' }, 'role/*'],
  ])('in a principal: %s', (_what, principal, named) => {
    const resource = policy(allow({ Principal: principal }));
    expect(() => evaluate(sending, { identity: [], resource })).toThrow(named);
  });

  it('is an account’s root as whoever asks: no policy binds it', () => {
    const root = { ...sending, principal: 'arn:aws:iam::111111111111:root' };
    expect(() => evaluate(root, { identity: [] })).toThrow('root');
  });

  it('is an older version of the language', () => {
    const old = { name: 'old', document: { Version: '2008-10-17', Statement: [] } };
    expect(() => evaluate(sending, { identity: [old] })).toThrow('2008-10-17');
  });
});

describe('a request that does not say enough is refused', () => {
  const asks = policy(allowListing({ StringLike: { 's3:prefix': 'a/*' } }));

  it('where a policy asks for a key that it may carry, by the name of the key', () => {
    expect(() => evaluate(listing({}), { identity: [asks] })).toThrow('s3:prefix');
    expect(evaluate(listing({ 's3:prefix': null }), { identity: [asks] }).verdict).toBe('implicitly-denied');
  });

  it('only by a statement that speaks of it', () => {
    expect(evaluate(sending, { identity: [asks, policy(allow())] }).verdict).toBe('allowed');
  });

  it('where it carries what it cannot carry', () => {
    const asksAlways = policy(allow({ Condition: { Null: { 's3:prefix': 'true' } } }));
    expect(evaluate(sending, { identity: [asksAlways] }).verdict).toBe('allowed');
    const odd = { ...sending, context: { 's3:prefix': 'a/' } };
    expect(() => evaluate(odd, { identity: [asksAlways] })).toThrow('carries no s3:prefix');
  });

  it.each([
    ['several values under a key that has one', { 's3:prefix': ['a/', 'b/'] }],
    ['no value under a key that it carries', { 's3:prefix': [] }],
  ])('%s', (_what, context) => {
    expect(() => evaluate(listing(context), { identity: [asks] })).toThrow(NotUnderstood);
  });

  it('a key with several values is compared by an operator over sets alone', () => {
    const table = 'arn:aws:dynamodb:eu-central-1:111111111111:table/ledger';
    const one = policy({
      Effect: 'Allow',
      Action: 'dynamodb:PutItem',
      Resource: table,
      Condition: { StringLike: { 'dynamodb:LeadingKeys': 'a#*' } },
    });
    const context = { 'dynamodb:LeadingKeys': ['a#1'] };
    const request = { ...sending, action: 'dynamodb:PutItem', resource: table, context };
    expect(() => evaluate(request, { identity: [one] })).toThrow('several values');
  });

  it('what follows from the principal is not given beside it', () => {
    const named = policy(allow({ Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } }));
    expect(evaluate(sending, { identity: [named] }).verdict).toBe('allowed');
    const given = { ...sending, context: { 'aws:PrincipalArn': ROLE } };
    expect(() => evaluate(given, { identity: [named] })).toThrow('follows from the principal');
  });
});
