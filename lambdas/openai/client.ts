import { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import { apiClient, type ApiCall, type ApiPorts } from '../outbound/api-call.ts';
import { refusalOf } from './refusal.ts';

/** What talking to the provider needs. */
export interface OpenaiClientPorts extends ApiPorts {
  readonly clock: Clock;
}

/** One request. */
export interface OpenaiCall extends Pick<ApiCall, 'method' | 'subject' | 'withinMilliseconds'> {
  /** The base of the API, as the inventory declares it. */
  readonly apiUrl: string;
  /** Segments after the base; each is escaped. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly bearer: Secret;
}

/** A success with its parsed body, or nothing of that name: 404 is an answer. */
type OpenaiAnswer = { readonly found: true; readonly body: unknown } | { readonly found: false };

/** Sends one request; never repeats one. A lost answer to a mint is the caller's to reap. */
export type OpenaiClient = (call: OpenaiCall) => Promise<OpenaiAnswer>;

/**
 * Speaks to OpenAI's API. Errors are `TARGET_…`, made of the status and of a request id; what the provider says in
 * words is not repeated, because it repeats keys.
 */
export const openaiClient = (ports: OpenaiClientPorts): OpenaiClient => {
  const send = apiClient(ports);
  return async function call({ apiUrl, path, query = {}, body: sent, ...request }) {
    const search = new URLSearchParams(query).toString();
    const answer = await send({
      ...request,
      url: `${apiUrl}/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`,
      field: 'apiUrl',
      ...(sent === undefined
        ? {}
        : { body: { contentType: 'application/json', text: new Secret(JSON.stringify(sent)) } }),
    });
    const { status, body } = answer;
    if (status === 404 && isOfTheApi(body)) return { found: false };
    if (status < 200 || status > 299) throw refusalOf(request.subject, answer, ports.clock());
    return { found: true, body };
  };
};

/** A 404 of something else that answers at that address says nothing about a key. */
const isOfTheApi = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'error');
