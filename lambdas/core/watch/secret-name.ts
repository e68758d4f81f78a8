import { textAt, textsAt } from './foreign-field.ts';

/** A secret as a record names it: one form for its name, its partial ARN and its full ARN. */
export interface NamedSecret {
  readonly name: string;
  /** The account in the ARN; absent where a bare name was given, which means the record's own account. */
  readonly account?: string;
}

/** Names hold letters, digits and /_+=.@- only, so never a second ARN. */
const SECRET_ARN = /^arn:[^:]+:secretsmanager:[^:]*:([^:]*):secret:([\w/+=.@-]+)$/i;
const ARN_SUFFIX = /(?<=.)-[A-Za-z0-9]{6}$/;
/** IAM's wording: "User: … is not authorized to perform: … on resource: … because …" or "… with an explicit deny …". */
const REFUSED_RESOURCE = /on resource: (\S+)/;

/**
 * Every secret that a CloudTrail record names, as it names it, from the first place that has any.
 *
 * A refused call carries no request parameters: then only IAM's message names the secret. The caller chose
 * the secret's name but not what stands before it, so the first match is IAM's.
 */
export function secretIdsIn(detail: unknown): readonly string[] {
  const places: readonly (readonly (string | undefined)[])[] = [
    [textAt(detail, 'requestParameters', 'secretId')],
    textsAt(detail, 'requestParameters', 'secretIdList'),
    // `aRN` until February 2024, `arn` since.
    ['arn', 'aRN', 'ARN'].map((key) => textAt(detail, 'responseElements', key)),
    ['SecretId', 'ARN'].map((key) => textAt(detail, 'additionalEventData', key)),
    [textAt(detail, 'serviceEventDetails', 'secretId')],
    [REFUSED_RESOURCE.exec(textAt(detail, 'errorMessage') ?? '')?.[1]],
  ];
  for (const place of places) {
    const found = place.filter((id) => id !== undefined);
    if (found.length > 0) return found;
  }
  return [];
}

/**
 * The one name of the secret that `id` means.
 *
 * An ARN ends in the name, a hyphen and six characters; a partial ARN leaves those out. For an ARN whose
 * name part ends in a hyphen and six characters there are two readings. The declared one holds; where both
 * or neither are, the full ARN does, as Secrets Manager itself reads it
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, "partial ARN").
 * A bare name is never shortened: Secrets Manager knows no name with the suffix. Idempotent.
 */
export function namedSecret(id: string, isDeclared: (name: string) => boolean): NamedSecret {
  const [, account, rest] = SECRET_ARN.exec(id) ?? [];
  if (rest === undefined) return { name: id };
  const withoutSuffix = rest.replace(ARN_SUFFIX, '');
  const name = !isDeclared(withoutSuffix) && isDeclared(rest) ? rest : withoutSuffix;
  return { name, ...(account ? { account } : {}) };
}
