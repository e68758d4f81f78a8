import { readdirSync, readFileSync } from 'node:fs';
import type { Policies, Verdict } from './evaluate.ts';
import type { Policy } from './policy.ts';
import type { Request } from './request.ts';

/** Where an independent evaluator answers otherwise, or cannot be asked, and the page of AWS that says who is right. */
export interface Apart {
  readonly because: string;
  readonly page: string;
}

/** The evaluators that others wrote, on which the vectors are run as well. */
export type Other = 'simulator' | 'ministack';

/** One request under some policies, and what comes of it. */
export interface Vector extends Request {
  readonly name: string;
  /** Names of policies of the principal. */
  readonly identity: readonly string[];
  readonly boundary?: string;
  /** The name of the policy of what is reached. */
  readonly resourcePolicy?: string;
  readonly expected: Verdict;
  /** The page of AWS that says so, where it is not plain from the policies. */
  readonly page?: string;
  readonly apart?: Readonly<Partial<Record<Other, Apart>>>;
}

/** Vectors about one subject, and the policies that they name. */
export interface VectorFile {
  readonly about: string;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly cases: readonly Vector[];
}

const FOLDER = new URL('vectors/', import.meta.url);

/** All files of vectors, by their names. */
export const vectorFiles = (): ReadonlyMap<string, VectorFile> =>
  new Map(
    readdirSync(FOLDER).map((name) => [
      name,
      JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as VectorFile,
    ]),
  );

/** The policies that a vector names. Throws where it names one that its file does not have. */
export function policiesOf({ policies }: VectorFile, vector: Vector): Policies {
  const named = (name: string) => {
    const document = policies[name];
    if (!document) throw new Error(`${vector.name} names the policy ${name}, which its file does not have`);
    return { name, document };
  };
  return {
    identity: vector.identity.map(named),
    ...(vector.boundary === undefined ? {} : { boundary: named(vector.boundary) }),
    ...(vector.resourcePolicy === undefined ? {} : { resource: named(vector.resourcePolicy) }),
  };
}
