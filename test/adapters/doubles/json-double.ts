import { httpDouble, ProtocolViolation, type HttpDouble, type WireAnswer } from './http-double.ts';

/** What a call to a JSON service is given. */
export type JsonInput = Readonly<Record<string, unknown>>;

/** An error that the service documents. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: JsonInput;
  constructor(
    code: string,
    message: string,
    { status = 400, ...fields }: { status?: number } & JsonInput = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** One operation. What it returns is the answer; it throws a `ServiceError` to refuse. */
export type Operation = (input: JsonInput) => unknown;

/** What shall go wrong with the next call of an operation. */
type Mishap = 'lose-before' | 'lose-after' | 'hang' | ServiceError | { readonly garbled: string };

/** A call as it was made. */
interface JsonCall {
  readonly operation: string;
  readonly input: JsonInput;
}

/** A service that speaks AWS JSON (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html). */
export interface JsonDouble extends HttpDouble {
  readonly calls: readonly JsonCall[];
  /** The inputs of one operation, in order. */
  inputs(operation: string): readonly JsonInput[];
  /** Lets something go wrong with the next call of an operation, once. */
  fail(operation: string, mishap: Mishap): void;
}

/** Which service a double stands for. */
export interface JsonService {
  readonly signedFor: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

/** Starts a JSON service. */
export async function jsonDouble(
  service: JsonService,
  operations: Readonly<Record<string, Operation>>,
): Promise<JsonDouble> {
  const calls: JsonCall[] = [];
  const mishaps: { readonly operation: string; readonly mishap: Mishap }[] = [];
  const takeMishap = (operation: string): Mishap | undefined => {
    const at = mishaps.findIndex((each) => each.operation === operation);
    return at < 0 ? undefined : mishaps.splice(at, 1)[0]?.mishap;
  };
  const type = `application/x-amz-json-${service.version}`;

  const http = await httpDouble(service.signedFor, ({ headers, method, path, body }) => {
    const [target, operation = ''] = (headers['x-amz-target'] ?? '').split('.');
    if (method !== 'POST' || path !== '/' || target !== service.target || headers['content-type'] !== type)
      throw new ProtocolViolation(`${method} ${path} ${headers['x-amz-target']} ${headers['content-type']}`);
    const run = operations[operation];
    if (!run) throw new ProtocolViolation(`${service.target}.${operation} is not expected of this adapter`);
    const input = JSON.parse(body) as JsonInput;
    calls.push({ operation, input });
    return answer(type, () => run(input), takeMishap(operation));
  });
  return {
    ...http,
    calls,
    inputs: (operation) => calls.filter((call) => call.operation === operation).map(({ input }) => input),
    fail: (operation, mishap) => mishaps.push({ operation, mishap }),
  };
}

function answer(type: string, run: () => unknown, mishap: Mishap | undefined): WireAnswer {
  const headers = { 'content-type': type };
  try {
    if (mishap === 'hang') return 'hang';
    if (mishap === 'lose-before') return 'lose';
    if (mishap instanceof ServiceError) throw mishap;
    if (typeof mishap === 'object') return { status: 200, headers, body: mishap.garbled };
    const body = JSON.stringify(run() ?? {});
    return mishap === 'lose-after' ? 'lose' : { status: 200, headers, body };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const body = JSON.stringify({
      __type: `com.amazonaws#${error.code}`,
      message: error.message,
      ...error.fields,
    });
    return { status: error.status, headers, body };
  }
}
