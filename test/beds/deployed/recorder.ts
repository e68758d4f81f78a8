import type { Interceptor } from '../proxy/bed-proxy.ts';
import type { RecordedCall } from '../rights/recorded-call.ts';

/** A call, with when it was made and how long it took. */
export interface TimedCall extends RecordedCall {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly milliseconds: number;
  readonly status: number;
  /** Bytes of the answer's body. */
  readonly answerBytes: number;
}

/** Keeps every call that passes. */
export class Recorder {
  readonly calls: TimedCall[] = [];

  readonly interceptor: Interceptor = async (call, pass) => {
    const at = Date.now();
    const started = performance.now();
    const answer = await pass(call);
    const { SecretString: _value, SecretBinary: _binary, ...parameters } = call.parameters;
    this.calls.push({
      at,
      milliseconds: performance.now() - started,
      application: functionOf(call.application) ?? `key ${call.accessKey ?? 'none'}`,
      service: call.service,
      action: call.action,
      parameters,
      status: answer.status,
      answerBytes: answer.body.length,
      request: { headers: headersThatPoliciesSee(call.headers) },
    });
    return answer;
  };

  /** Those of functions: everybody else signs with a key of his own. */
  ofFunctions = (): readonly TimedCall[] =>
    this.calls.filter(({ application }) => !application.startsWith('key '));
}

/** `target-postgres.4711` is a call of `target-postgres`; see bed-names.cjs. */
export const functionOf = (application: string | undefined): string | undefined =>
  application?.replace(/\.\d+$/, '');

const headersThatPoliciesSee = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' &&
      (name === 'if-none-match' || name.startsWith('x-amz-')) &&
      !name.includes('token')
        ? [[name, value]]
        : [],
    ),
  );
