/** What every text of this double begins with, so that nobody takes it for the provider. */
export const DOUBLE = '[Lockstep double of OpenAI]';

/** A refusal in OpenAI's form: status, and `error` with `message`, `type`, `param` and `code`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    more: {
      readonly code?: string;
      readonly param?: string;
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(`${DOUBLE} ${message}`);
    this.status = status;
    this.code = more.code ?? null;
    this.param = more.param ?? null;
    this.type = more.type ?? 'invalid_request_error';
    this.headers = more.headers ?? {};
  }

  /** The body of the answer. */
  body(): unknown {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

/** Nothing of that id, or no way of that name. */
export const notFound = (message: string, code?: string): ApiError =>
  new ApiError(404, message, code === undefined ? {} : { code });
