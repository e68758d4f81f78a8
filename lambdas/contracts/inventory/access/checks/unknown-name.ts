import { quoted } from '../../found.ts';
import { listed, meant } from '../../nearest.ts';
import { problemAt, type Path, type Problem } from '../../problem.ts';

/** Where a name is looked up: what it should be the name of, and the section that declares those. */
export interface Register {
  readonly what: string;
  readonly section: string;
  readonly names: ReadonlySet<string>;
}

/** The problem of a name that nothing has, or none. A name that could not be read was reported by whoever read it. */
export function unknownName(
  at: Path,
  name: string | undefined,
  { what, section, names }: Register,
): readonly Problem[] {
  if (name === undefined || names.has(name)) return [];
  return [
    problemAt(at, {
      found: `the ${what} ${quoted(name)}, which is not declared`,
      allowed: listed(names),
      mend: meant(name, names, `declare it in ${section}`),
    }),
  ];
}

/** The problems of a list of names: those that nothing has, and those that stand there twice. */
export function unknownNames(at: Path, found: readonly string[], register: Register): readonly Problem[] {
  return found.flatMap((name, position) => [
    ...unknownName([...at, position], name, register),
    ...(found.indexOf(name) === position
      ? []
      : [
          problemAt([...at, position], {
            found: `the ${register.what} ${quoted(name)}, for the second time`,
            allowed: `each ${register.what} once`,
            mend: 'remove this item',
          }),
        ]),
  ]);
}
