import { BED_REGION } from '../launch/ministack.ts';

/** Targets of services that the harness asks for itself, without a client of the SDK. */
const TARGETS = { logs: 'Logs_20140328', monitoring: 'GraniteServiceVersion20100801' } as const;

/** Calls a service of the bed in AWS's JSON protocol. The bed checks no signature, but routes by its scope. */
export async function bedJson<T>(
  url: string,
  service: keyof typeof TARGETS,
  action: string,
  content: unknown,
): Promise<T> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': service === 'logs' ? 'application/x-amz-json-1.1' : 'application/x-amz-json-1.0',
      'x-amz-target': `${TARGETS[service]}.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/${day}/${BED_REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(content),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`${service} ${action} was answered ${answer.status}: ${text.slice(0, 300)}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}
