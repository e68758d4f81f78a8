import { expect, it } from 'vitest';
import { flatReference } from '../../../lib/rights/flat-reference.ts';

it.each([
  ['a text', 'arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket/*'],
  ['an attribute', { 'Fn::GetAtt': ['Table', 'Arn'] }, '<Table.Arn>'],
  ['a reference', { Ref: 'Queue' }, '<Queue>'],
  ['parts', { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Table', 'Arn'] }, '/stream/*']] }, '<Table.Arn>/stream/*'],
  [
    'anything else',
    { 'Fn::GetStackOutput': { OutputName: 'A' } },
    '{"Fn::GetStackOutput":{"OutputName":"A"}}',
  ],
] as const)('names %s as cdk-nag does', (_what, resolved, name) => {
  expect(flatReference(resolved)).toBe(name);
});
