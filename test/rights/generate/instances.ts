/** What a wildcard in an action of our policies stands for, on this resource. */
const ACTIONS: Readonly<Record<string, string>> = {
  'kms:ReEncrypt*': 'kms:ReEncryptFrom',
  'kms:GenerateDataKey*': 'kms:GenerateDataKey',
  's3:*': 's3:ListBucket',
  'secretsmanager:*': 'secretsmanager:DescribeSecret',
  'sns:*': 'sns:Publish',
  'sqs:*': 'sqs:SendMessage',
};

/** An action that a pattern covers. */
export function anAction(pattern: string): string {
  const action = ACTIONS[pattern] ?? pattern;
  if (action.includes('*')) throw new Error(`say in instances.ts what ${pattern} may stand for`);
  return action;
}

/** A text that a pattern covers: the suffix of a secret, the digits of a head, or anything. */
export const aText = (pattern: string): string =>
  pattern.replaceAll('??????', 'AbCdEf').replaceAll('?', '0').replaceAll('*', 'anything');

/** A resource of another environment: no pattern of ours covers it. */
export const elsewhere = (arn: string): string => arn.replace(/lockstep([-/])staging/, 'lockstep$1other');

/** A value that is like the right one and is not. */
export function anotherValue(value: string): string {
  const other = value.startsWith('arn:') ? value.replace(/:\d{12}:/, ':999999999999:') : `another-${value}`;
  if (other === value) throw new Error(`${value} has no account that could be another one`);
  return other;
}
