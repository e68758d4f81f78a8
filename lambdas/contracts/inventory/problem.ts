import { LockstepError } from '../../core/errors.ts';
import { isPresentable } from './found.ts';

/** Where in the file: keys and positions from the top. */
export type Path = readonly (string | number)[];

/** Where the fields of a target or of settings were written: a field with a map has its environment's key in the path. */
export type FieldPaths = Readonly<Record<string, Path>>;

/** One thing that is wrong with the file, and everything that is needed to mend it. */
export interface Problem {
  /** As it is written in code: `credentials.vector-store.dependents[0].url`. */
  readonly path: string;
  /** What is there. Never a value that might be secret. */
  readonly found: string;
  /** What may be there. */
  readonly allowed: string;
  /** What to do about it. */
  readonly mend: string;
}

/** Takes a problem down. */
export type Report = (problem: Problem) => void;

/** A path as text. A key that might be a pasted secret is told by its length alone. */
export function pathText(path: Path): string {
  if (path.length === 0) return 'the workspace';
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? keyText(step) : `${text}.${keyText(step)}`;
  }, '');
}

/** A key as text, where it may be shown. */
export const keyText = (key: string): string =>
  isPresentable(key) && /^[\w-]+$/.test(key) ? key : `<a key of ${key.length} characters>`;

/** A problem at a path. */
export const problemAt = (path: Path, parts: Omit<Problem, 'path'>): Problem => ({
  path: pathText(path),
  ...parts,
});

/** The problems without those that say the same of the same place, in the order of their paths. */
export function distinctProblems(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(
    problems.map((problem) => [`${problem.path}\n${problem.found}\n${problem.allowed}`, problem]),
  );
  return [...seen.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The problems as a person reads them in a terminal: each with its path, what was found, what is allowed, how to mend it. */
export function formatProblems(problems: readonly Problem[], subject = 'The inventory'): string {
  const head =
    problems.length === 1 ? `${subject} has 1 problem.` : `${subject} has ${problems.length} problems.`;
  const blocks = problems.map(
    ({ path, found, allowed, mend }, at) =>
      `${at + 1}. ${path}\n   found:   ${found}\n   allowed: ${allowed}\n   mend:    ${mend}`,
  );
  return [head, ...blocks].join('\n\n');
}

/** The error for whoever cannot go on without a sound inventory: `INVENTORY_INVALID`, with all problems in its message. */
export const inventoryError = (problems: readonly Problem[]): LockstepError =>
  new LockstepError('INVENTORY_INVALID', formatProblems(problems));
