import { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import { apiClient, type ApiCall, type ApiPorts } from '../../outbound/api-call.ts';
import { refusalOf } from './refusal.ts';

/** What the leaser needs from outside. */
export interface GithubAppPorts extends ApiPorts {
  readonly clock: Clock;
}

/** One request. */
interface GithubCall extends Pick<ApiCall, 'method' | 'subject' | 'withinMilliseconds'> {
  readonly apiUrl: string;
  /** Segments after the base; each is escaped. */
  readonly path: readonly string[];
  readonly bearer: Secret;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Sends one request; never repeats one. Answers with the body of a success, else throws `TARGET_…`. */
type GithubClient = (call: GithubCall) => Promise<unknown>;

/** Speaks to GitHub's REST API, or to that of an Enterprise Server. */
export const githubClient = (ports: GithubAppPorts): GithubClient => {
  const send = apiClient(ports);
  return async function call({ apiUrl, path, body, ...request }) {
    const answer = await send({
      ...request,
      url: `${apiUrl}/${path.map(encodeURIComponent).join('/')}`,
      field: 'apiUrl',
      headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
      ...(body === undefined
        ? {}
        : { body: { contentType: 'application/json', text: new Secret(JSON.stringify(body)) } }),
    });
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw refusalOf(request.subject, answer, ports.clock());
  };
};
