import { sha256Hex } from '../digest.ts';
import { textAt } from './foreign-field.ts';

/** What kind of identity made a call. */
type PrincipalType = 'root' | 'user' | 'role' | 'person' | 'federated' | 'service' | 'account' | 'unknown';

/** Who made a call. */
export interface Principal {
  readonly type: PrincipalType;
  /**
   * What stays the same over sessions, keys and instances of one caller: what findings and counters are
   * kept by, and what people are shown. Printable, at most `MAX_KEY` characters.
   */
  readonly key: string;
  /** What policies and the inventory name: for every session of a role the role's ARN. */
  readonly identity: string;
  /** The session's name, which the caller chose. Good for people to read, useless to decide by. */
  readonly session?: string;
}

const MAX_KEY = 256;
const ROOT = /^arn:[^:]+:(?:iam|sts)::\d*:root$/;
const ASSUMED_ROLE = /^arn:([^:]+):sts::(\d*):assumed-role\/([^/]+)\/(.+)$/;
const ROLE = /^arn:[^:]+:iam::(\d*):role\/(?:.*\/)?([^/]+)$/;
const IDENTITY_CENTER_ROLE = /\/AWSReservedSSO_[^/]+$/;

/**
 * The principal behind a CloudTrail `userIdentity`
 * (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html).
 *
 * Total: a shape that nobody has seen before still has a principal, because a read by somebody
 * unrecognisable is the last one to overlook. Fields decide before `type` does, since `type` may be missing.
 */
export function principalOf(userIdentity: unknown): Principal {
  const type = textAt(userIdentity, 'type');
  const arn = textAt(userIdentity, 'arn');
  const issuer = textAt(userIdentity, 'sessionContext', 'sessionIssuer', 'arn');
  const issuerType = textAt(userIdentity, 'sessionContext', 'sessionIssuer', 'type');

  // A session that root made is root: GetFederationToken by root, AssumeRoot.
  if (type === 'Root' || issuerType === 'Root' || (arn !== undefined && ROOT.test(arn)))
    return principal('root', rootArn(userIdentity, issuerType === 'Root' ? issuer : arn));
  if (type === 'AWSService') return service(userIdentity);
  if (type === 'AWSAccount') return principal('account', `account:${accountOf(userIdentity)}`);
  if (type === 'IdentityCenterUser') return identityCenterUser(userIdentity);
  if (type === 'FederatedUser') return principal('federated', issuer ?? arn ?? unknownKey(userIdentity));
  if (issuer !== undefined || (arn !== undefined && ASSUMED_ROLE.test(arn)))
    return role(userIdentity, issuer, arn);
  if (arn !== undefined) return principal(arn.includes(':user/') ? 'user' : 'unknown', arn);
  if (type === undefined && textAt(userIdentity, 'invokedBy') !== undefined) return service(userIdentity);
  return principal('unknown', unknownKey(userIdentity));
}

/**
 * Whether two texts name one identity. A role's name is unique in its account whatever its path, and a
 * session's own ARN leaves the path out, so roles are compared by account and name.
 */
export function isSameIdentity(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [ROLE.exec(one), ROLE.exec(other)];
  return a !== null && b !== null && a[1] === b[1] && a[2] === b[2];
}

/** `text` with nothing in it that could steer a terminal or a page; too long ones end in their digest. */
export function printable(text: string): string {
  const clean = text.replaceAll(/[^\w+=,.@:/*~-]/g, '?');
  return clean.length <= MAX_KEY ? clean : `${clean.slice(0, MAX_KEY - 17)}~${sha256Hex(text).slice(0, 16)}`;
}

function role(userIdentity: unknown, issuer: string | undefined, arn: string | undefined): Principal {
  const [, partition = 'aws', account = '', name = '', sessionOfArn] = ASSUMED_ROLE.exec(arn ?? '') ?? [];
  const identity = issuer ?? `arn:${partition}:iam::${account}:role/${name}`;
  const session = sessionOfArn ?? textAt(userIdentity, 'principalId')?.split(':')[1];
  // One reserved role serves everybody in Identity Center; the session is the person.
  if (IDENTITY_CENTER_ROLE.test(identity) && session !== undefined)
    return { ...principal('person', `${identity}/${session}`), identity, session: printable(session) };
  // Present for Lambda and EC2: tells workloads apart that share a role.
  const issuedTo = textAt(userIdentity, 'inScopeOf', 'credentialsIssuedTo');
  return {
    ...principal('role', issuedTo ?? identity),
    identity,
    ...(session === undefined ? {} : { session: printable(session) }),
  };
}

function identityCenterUser(userIdentity: unknown): Principal {
  const person = textAt(userIdentity, 'onBehalfOf', 'userId') ?? unknownKey(userIdentity);
  return principal('person', `identity-center:${person}`);
}

function rootArn(userIdentity: unknown, arn: string | undefined): string {
  return arn ?? `arn:aws:iam::${accountOf(userIdentity)}:root`;
}

const service = (userIdentity: unknown): Principal =>
  principal('service', `service:${textAt(userIdentity, 'invokedBy') ?? 'unknown'}`);

const principal = (type: PrincipalType, identity: string): Principal => ({
  type,
  key: printable(identity),
  identity,
});

const accountOf = (userIdentity: unknown): string => textAt(userIdentity, 'accountId') ?? 'unknown';

/** The best there is where no ARN is: who the federation says it is, an id, an account. */
function unknownKey(userIdentity: unknown): string {
  const provider = textAt(userIdentity, 'identityProvider');
  const name = textAt(userIdentity, 'userName') ?? textAt(userIdentity, 'principalId');
  if (provider !== undefined) return `unknown:${provider}/${name ?? ''}`;
  return `unknown:${name ?? textAt(userIdentity, 'accountId') ?? ''}`;
}
