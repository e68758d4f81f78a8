import { heartbeatSecret } from '../../names.ts';
import { secretName } from '../../../core/credential.ts';
import { CREDENTIAL_KINDS, LEASER_KINDS } from '../../kinds.ts';
import { Name } from '../authoring-schema.ts';
import type { Check, Draft } from '../draft.ts';
import { quoted } from '../found.ts';
import { problemAt, type Problem } from '../problem.ts';

/** A role's name holds the environment's, and IAM takes 64 characters: `lockstep-<environment>-request-rotation`. */
const LONGEST_ENVIRONMENT_NAME = 32;

/** What we name becomes part of secret names, role names and tags, and must not collide there. */
export const checkNames: Check = (draft) => [
  ...Object.entries(draft.names).flatMap(([section, names]) => malformedNames(section, names)),
  ...environmentNames(draft),
  ...reservedSecrets(draft),
];

/** Names of a section that are no names. */
export const malformedNames = (section: string, names: ReadonlySet<string>): readonly Problem[] =>
  [...names].flatMap((name) =>
    Name.safeParse(name).success
      ? []
      : [
          problemAt([section, name], {
            found: `the name ${quoted(name)}`,
            allowed: Name.description ?? '',
            mend: 'rename it',
          }),
        ],
  );

function environmentNames({ names }: Draft): readonly Problem[] {
  const fields = fieldsOfBoundObjects();
  return [...names.environments].flatMap((name) => {
    if (name.length > LONGEST_ENVIRONMENT_NAME && Name.safeParse(name).success)
      return [
        problemAt(['environments', name], {
          found: `an environment's name of ${name.length} characters`,
          allowed: `at most ${LONGEST_ENVIRONMENT_NAME}: it is part of every role's name`,
          mend: 'shorten it',
        }),
      ];
    if (!fields.has(name)) return [];
    return [
      problemAt(['environments', name], {
        found: `an environment with the name ${quoted(name)}, which is also a field that may differ by environment`,
        allowed: `any other name than ${[...fields].join(', ')}`,
        mend: 'rename the environment',
      }),
    ];
  });
}

/** Keys that would make a value look like a map by environment: those of objects that may differ by environment. */
function fieldsOfBoundObjects(): ReadonlySet<string> {
  const authorities = LEASER_KINDS.flatMap(({ authority }) => authority ?? []);
  const keys = [...CREDENTIAL_KINDS, ...LEASER_KINDS, ...authorities].flatMap(
    ({ target, environmentBound }) => environmentBound.flatMap((field) => keysOf(target.shape[field])),
  );
  return new Set(keys);
}

/** The keys of the objects that a schema takes: one object, or one of several. */
function keysOf(schema: unknown): readonly string[] {
  const { shape, options } = schema as { readonly shape?: object; readonly options?: readonly unknown[] };
  return [...Object.keys(shape ?? {}), ...(options ?? []).flatMap(keysOf)];
}

const reservedSecrets = ({ environment, names }: Draft): readonly Problem[] =>
  [...names.credentials]
    .filter((name) => secretName(environment, name) === heartbeatSecret(environment))
    .map((name) =>
      problemAt(['credentials', name], {
        found: `the name ${quoted(name)}, which Lockstep keeps for the secret of its heartbeat read`,
        allowed: 'any other name',
        mend: 'rename the credential',
      }),
    );
