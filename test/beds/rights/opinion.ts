import type { Policies, Verdict } from '../../rights/evaluate.ts';
import type { Request } from '../../rights/request.ts';

/** A request and the policies that have a say in it. */
export interface Question {
  readonly request: Request;
  readonly policies: Policies;
}

/** What somebody else's evaluator says: a verdict, or why it gives none. */
export interface Opinion {
  readonly verdict?: Verdict;
  readonly refusal?: string;
}

/** Asks an evaluator that others wrote, in a process of its own. Throws where that process fails. */
export type Ask = (questions: readonly Question[]) => readonly Opinion[];
