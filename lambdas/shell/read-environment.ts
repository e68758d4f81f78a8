import type { EnvironmentShape, VariableKind } from '../contracts/function-environments.ts';
import { isDeploymentMark } from '../core/deployment-mark.ts';
import { LockstepError } from '../core/errors.ts';

/** What each kind becomes. */
interface Values {
  readonly text: string;
  readonly 'optional-text': string | undefined;
  readonly 'whole-number': number;
  readonly arn: string;
  readonly url: string;
  readonly json: unknown;
  readonly mark: string;
}

/** The variables of a shape, read. */
export type EnvironmentOf<S extends EnvironmentShape> = { readonly [K in keyof S]: Values[S[K]] };

/** Gives the value, or says what was expected. */
type Reader<K extends VariableKind> = (value: string) => Values[K] | Wrong;

/** What a reader says of a value that it does not take. */
class Wrong {
  readonly expected: string;
  constructor(expected: string) {
    this.expected = expected;
  }
}

const READERS: { readonly [K in VariableKind]: Reader<K> } = {
  text: (value) => (value === '' ? new Wrong('a text') : value),
  'optional-text': (value) => (value === '' ? undefined : value),
  'whole-number': (value) => (/^\d{1,15}$/.test(value) ? Number(value) : new Wrong('a whole number')),
  arn: (value) => (/^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+$/.test(value) ? value : new Wrong('an ARN')),
  url: (value) => (URL.canParse(value) ? value : new Wrong('a URL')),
  json: (value) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return new Wrong('JSON');
    }
  },
  // Not just any text: by an empty one, everybody's leases would be ours.
  mark: (value) => (isDeploymentMark(value) ? value : new Wrong('the mark of a deployment')),
};

/**
 * Reads a function's variables, all at once, at the top of its handler: a missing one fails the first
 * invocation after a deployment, not a rotation at night. Throws `ENVIRONMENT_INVALID`, which names every
 * variable that is wrong and quotes none.
 *
 * @param source `process.env`
 */
export function readEnvironment<const S extends EnvironmentShape>(
  source: Readonly<Record<string, string | undefined>>,
  shape: S,
): EnvironmentOf<S> {
  const wrong: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(shape)) {
    const found = READERS[kind](source[name] ?? '');
    if (found instanceof Wrong) wrong.push(`${name} (expected ${found.expected})`);
    else values[name] = found;
  }
  if (wrong.length > 0)
    throw new LockstepError(
      'ENVIRONMENT_INVALID',
      `the function's environment lacks or has wrong ${wrong.join(', ')}; the stack sets them, so deploy it again`,
    );
  // The compiler cannot follow that each kind gave its own type; `READERS` has made sure of it.
  return values as EnvironmentOf<S>;
}
