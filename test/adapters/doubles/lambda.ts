import { httpDouble, type HttpDouble, type WireAnswer } from './http-double.ts';

/** What a function that was invoked did. */
type Outcome =
  | { readonly returns: unknown }
  /** Threw, timed out or ran out of memory: what the runtime reports in its place. */
  | { readonly crashes: { readonly errorType: string; readonly errorMessage: string } & object }
  | { readonly refused: { readonly status: number; readonly code: string } }
  | { readonly raw: string }
  | { readonly runs: (payload: unknown) => Promise<unknown> }
  | 'lose';

/** Lambda's Invoke, for functions that are waited for. */
export interface LambdaDouble extends HttpDouble {
  readonly invocations: readonly { readonly name: string; readonly payload: unknown }[];
  /** What the next invocations do, in order; the last one goes on. */
  plan(...outcomes: readonly Outcome[]): void;
}

/** Starts one. */
export async function lambdaDouble(): Promise<LambdaDouble> {
  const invocations: { readonly name: string; readonly payload: unknown }[] = [];
  let planned: readonly Outcome[] = [];
  const http = await httpDouble('lambda', ({ method, path, headers, body }) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
    if (method !== 'POST' || name === undefined) throw new Error(`${method} ${path} is no invocation`);
    if (headers['x-amz-invocation-type'] !== 'RequestResponse')
      throw new Error('the answer must be waited for');
    invocations.push({ name, payload: JSON.parse(body) as unknown });
    const [outcome] = planned;
    if (outcome === undefined) throw new Error('the test has planned no invocation');
    if (planned.length > 1) planned = planned.slice(1);
    return answer(outcome, JSON.parse(body) as unknown);
  });
  return { ...http, invocations, plan: (...outcomes) => void (planned = outcomes) };
}

async function answer(outcome: Outcome, payload: unknown): Promise<WireAnswer> {
  if (outcome === 'lose') return 'lose';
  if ('returns' in outcome) return { status: 200, body: JSON.stringify(outcome.returns) };
  if ('runs' in outcome) return { status: 200, body: JSON.stringify(await outcome.runs(payload)) };
  if ('raw' in outcome) return { status: 200, body: outcome.raw };
  if ('refused' in outcome) {
    const { status, code } = outcome.refused;
    return {
      status,
      headers: { 'x-amzn-errortype': code },
      body: JSON.stringify({ Type: 'User', Message: `said ${code}` }),
    };
  }
  return {
    status: 200,
    headers: { 'x-amz-function-error': 'Unhandled' },
    body: JSON.stringify({ ...outcome.crashes, trace: ['at handler'] }),
  };
}
