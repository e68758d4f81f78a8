import { createHash } from 'node:crypto';
import { httpDouble, type HttpDouble, type WireAnswer, type WireRequest } from './http-double.ts';

/** An object, and the headers that it was put with. */
interface StoredObject {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What shall go wrong once: instead of the next request of a method, or after it. */
interface S3Mishap {
  readonly method: string;
  readonly answer: WireAnswer;
  readonly after?: boolean;
}

/** S3's path-style interface for one bucket: conditional put, get, and list in key order. */
export interface S3Double extends HttpDouble {
  readonly objects: Map<string, StoredObject>;
  fail(mishap: S3Mishap): void;
}

const xml = (status: number, body: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

/** An error as S3 says it. */
export const s3Refusal = (status: number, code: string): WireAnswer =>
  xml(status, `<Error><Code>${code}</Code><Message>said ${code}</Message></Error>`);

/** Starts one. */
export async function s3Double(bucket: string): Promise<S3Double> {
  const objects = new Map<string, StoredObject>();
  const mishaps: S3Mishap[] = [];
  const http = await httpDouble('s3', (request) => {
    const at = mishaps.findIndex(({ method }) => method === request.method);
    const mishap = at < 0 ? undefined : mishaps.splice(at, 1)[0];
    if (mishap && !mishap.after) return mishap.answer;
    const answer = serve(objects, bucket, request);
    return mishap?.answer ?? answer;
  });
  return { ...http, objects, fail: (mishap) => void mishaps.push(mishap) };
}

function serve(
  objects: Map<string, StoredObject>,
  bucket: string,
  { method, path, query, headers, body }: WireRequest,
): WireAnswer {
  if (!path.startsWith(`/${bucket}`)) throw new Error(`another bucket: ${path}`);
  const key = path.slice(bucket.length + 2);
  if (method === 'GET' && key === '') return list(objects, query);
  const existing = objects.get(key);
  if (method === 'GET') return existing ? { status: 200, body: existing.body } : s3Refusal(404, 'NoSuchKey');
  if (method !== 'PUT') throw new Error(`${method} ${path} is not expected of this adapter`);
  if (headers['if-none-match'] !== '*') throw new Error('a head may be written only where there is none');
  const digest = createHash('sha256').update(body).digest('base64');
  if (headers['x-amz-checksum-sha256'] !== digest)
    throw new Error('Object Lock needs a checksum that is right');
  if (existing) return s3Refusal(412, 'PreconditionFailed');
  objects.set(key, { body, headers });
  return { status: 200 };
}

function list(
  objects: ReadonlyMap<string, StoredObject>,
  query: Readonly<Record<string, string>>,
): WireAnswer {
  if (query['list-type'] !== '2') throw new Error('ListObjectsV2 is expected');
  const keys = [...objects.keys()].filter((key) => key.startsWith(query['prefix'] ?? '')).sort();
  const page = keys.slice(0, Number(query['max-keys'] ?? 1000));
  const contents = page.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('');
  const truncated = `<IsTruncated>${page.length < keys.length}</IsTruncated>`;
  return xml(200, `<ListBucketResult>${truncated}${contents}</ListBucketResult>`);
}
