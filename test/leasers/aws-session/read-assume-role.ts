import { ProtocolViolation } from '../../adapters/doubles/http-double.ts';

/** What AssumeRole was asked for, once the form of all of it was right. */
export interface AssumeRoleAsk {
  readonly role: string;
  readonly sessionName: string;
  readonly seconds: number;
  readonly policy: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitive: readonly string[];
  readonly externalId: string | undefined;
}

/** A refusal of STS, by its code. */
export class StsRefusal extends Error {
  override readonly name = 'StsRefusal';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const invalid = (message: string): StsRefusal => new StsRefusal('ValidationError', message);

const PLAIN = ['Action', 'Version', 'RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy', 'ExternalId'];
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/**
 * Reads AssumeRole as the service's model describes it (botocore 1.43.107, STS 2011-06-15): lengths and patterns from there,
 * a limit of an hour because whoever asks is a session itself. A parameter that the model does not know, or that this double
 * does not judge, is a violation: a client that misspells one must not go unnoticed.
 */
export function readAssumeRole(form: URLSearchParams): AssumeRoleAsk {
  for (const name of form.keys())
    if (
      !PLAIN.includes(name) &&
      !/^(?:Tags\.member\.\d+\.(?:Key|Value)|TransitiveTagKeys\.member\.\d+)$/.test(name)
    )
      throw new ProtocolViolation(`AssumeRole was sent ${name}`);
  if (form.get('Action') !== 'AssumeRole' || form.get('Version') !== '2011-06-15')
    throw new ProtocolViolation(
      `${form.get('Action')} ${form.get('Version')} is not expected of this leaser`,
    );
  const role = form.get('RoleArn') ?? '';
  const sessionName = form.get('RoleSessionName') ?? '';
  const seconds = Number(form.get('DurationSeconds') ?? '3600');
  const externalId = form.get('ExternalId') ?? undefined;
  if (role.length < 20 || role.length > 2048) throw invalid('RoleArn');
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) throw invalid('RoleSessionName');
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) throw invalid('DurationSeconds');
  if (seconds > 3600)
    throw invalid(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) throw invalid('ExternalId');
  const policy = form.get('Policy') ?? undefined;
  if (policy !== undefined) assertPolicy(policy);
  const tags = tagsOf(form);
  return { role, sessionName, seconds, policy, tags, transitive: transitiveOf(form, tags), externalId };
}

function tagsOf(form: URLSearchParams): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (let member = 1; form.has(`Tags.member.${member}.Key`); member += 1) {
    const key = form.get(`Tags.member.${member}.Key`) ?? '';
    const value = form.get(`Tags.member.${member}.Value`);
    if (value === null || !KEY.test(key) || !VALUE.test(value) || /^aws:/i.test(key))
      throw invalid(`Tags ${member}`);
    // "Tag key–value pairs are not case sensitive, but case is preserved."
    if (Object.keys(tags).some((known) => known.toLowerCase() === key.toLowerCase()))
      throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    tags[key] = value;
  }
  if (Object.keys(tags).length > 50) throw invalid('Tags: 50 at most');
  return tags;
}

function transitiveOf(form: URLSearchParams, tags: Readonly<Record<string, string>>): readonly string[] {
  const keys: string[] = [];
  for (let member = 1; form.has(`TransitiveTagKeys.member.${member}`); member += 1)
    keys.push(form.get(`TransitiveTagKeys.member.${member}`) ?? '');
  if (keys.some((key) => !Object.hasOwn(tags, key))) throw invalid('TransitiveTagKeys: not among the tags');
  return keys;
}

/** What STS says of a session policy before it looks at what it means. */
function assertPolicy(text: string): void {
  if (text.length > 2048) throw invalid('Policy: 2048 characters at most');
  if (!/^[\t\n\r\x20-\xff]+$/.test(text)) throw invalid('Policy: characters');
  const malformed = new StsRefusal('MalformedPolicyDocument', 'This policy contains invalid Json');
  try {
    const { Version, Statement } = JSON.parse(text) as { Version?: unknown; Statement?: unknown };
    if (Version !== '2012-10-17' || !Array.isArray(Statement) || Statement.length === 0) throw malformed;
  } catch {
    throw malformed;
  }
}
