import { httpDouble, type HttpDouble, type WireAnswer } from './http-double.ts';

/** SNS, which speaks the query protocol: a form in, XML out. */
export interface SnsDouble extends HttpDouble {
  /** Every Publish that came, taken or not. */
  readonly published: readonly URLSearchParams[];
  /** The JSON forms of the pages that were taken, as a queue that subscribes gets them. */
  readonly taken: readonly string[];
  /** What the next calls are answered instead. */
  next(...answers: readonly WireAnswer[]): void;
}

const xml = (status: number, body: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});
const NAMESPACE = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"';
const accepted = xml(
  200,
  `<PublishResponse ${NAMESPACE}><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`,
);

/** An error as SNS says it. */
export const snsRefusal = (status: number, code: string): WireAnswer =>
  xml(
    status,
    `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>said ${code}</Message></Error></ErrorResponse>`,
  );

/** Starts one. */
export async function snsDouble(): Promise<SnsDouble> {
  const published: URLSearchParams[] = [];
  const taken: string[] = [];
  let answers: WireAnswer[] = [];
  const http = await httpDouble('sns', ({ body, headers }) => {
    const form = new URLSearchParams(body);
    if (headers['content-type'] !== 'application/x-www-form-urlencoded' || form.get('Action') !== 'Publish')
      throw new Error(`${headers['content-type']} ${form.get('Action')} is not expected of this adapter`);
    published.push(form);
    const instead = answers.shift();
    if (instead !== undefined) return instead;
    taken.push((JSON.parse(form.get('Message') ?? '{}') as { readonly sqs: string }).sqs);
    return accepted;
  });
  return { ...http, published, taken, next: (...given) => void (answers = [...given]) };
}
