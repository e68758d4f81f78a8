import { NotUnderstood } from './not-understood.ts';

/** Whether a text fits a pattern: `*` is any text, none included, and `?` any one character. Case counts. */
export function fits(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

const PARTS = 6;

/** The six parts of an ARN, the last one with all its colons. */
function partsOf(arn: string): readonly string[] {
  const parts = arn.split(':');
  if (parts.length < PARTS || parts[0] !== 'arn') throw new NotUnderstood(`${arn} is no whole ARN`);
  return [...parts.slice(0, PARTS - 1), parts.slice(PARTS - 1).join(':')];
}

/**
 * Whether an ARN fits a pattern. Each of the six parts is compared by itself, so that a wildcard never reaches over a
 * colon into the next one, and does reach over slashes
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN).
 */
export function fitsArn(pattern: string, arn: string): boolean {
  const [wanted, found] = [partsOf(pattern), partsOf(arn)];
  return wanted.every((part, index) => fits(part, found[index] ?? ''));
}

/** Whether a resource is one that a statement names. An action without resources asks for `*`, which only `*` covers. */
export function fitsResource(pattern: string, resource: string): boolean {
  if (pattern === '*') return true;
  if (/^arn:[^:]*:[^:]*[*?]/.test(pattern))
    throw new NotUnderstood(`${pattern} has a wildcard for the service, where none may be`);
  return resource !== '*' && fitsArn(pattern, resource);
}

/** Whether an action is one that a statement names. Case does not count. */
export function fitsAction(pattern: string, action: string): boolean {
  if (pattern !== '*' && !/^[a-z0-9-]+:[^:]+$/i.test(pattern))
    throw new NotUnderstood(`${pattern} is no action`);
  return fits(pattern.toLowerCase(), action.toLowerCase());
}
