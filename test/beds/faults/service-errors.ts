import type { AwsCall } from '../proxy/aws-call.ts';
import { errorAnswer, type BedAnswer } from '../proxy/bed-proxy.ts';

/** What a service says when it is asked too much, or is out of order itself, and with which status. */
interface Words {
  readonly throttled: readonly [name: string, status: number];
  readonly broken: readonly [name: string, status: number];
}

/** As the pages of each service have it, under "Errors" of its operations and "Common errors". */
const WORDS: Readonly<Record<string, Words>> = {
  dynamodb: { throttled: ['ThrottlingException', 400], broken: ['InternalServerError', 500] },
  events: { throttled: ['ThrottlingException', 400], broken: ['InternalException', 500] },
  kms: { throttled: ['ThrottlingException', 400], broken: ['KMSInternalException', 500] },
  lambda: { throttled: ['TooManyRequestsException', 429], broken: ['ServiceException', 500] },
  s3: { throttled: ['SlowDown', 503], broken: ['InternalError', 500] },
  scheduler: { throttled: ['ThrottlingException', 429], broken: ['InternalServerException', 500] },
  secretsmanager: { throttled: ['ThrottlingException', 400], broken: ['InternalServiceError', 500] },
  sns: { throttled: ['Throttled', 429], broken: ['InternalFailure', 500] },
  sqs: { throttled: ['RequestThrottled', 400], broken: ['InternalError', 500] },
};

/** The answer of a service that is throttling, or broken, in its own words and protocol. */
export function serviceError(call: AwsCall, what: keyof Words): BedAnswer {
  const words = WORDS[call.service]?.[what];
  if (!words) throw new TypeError(`nobody has written down how ${call.service} says that`);
  return namedError(call, words[0], 'injected', words[1]);
}

/** An error by its name, in the protocol that was spoken. */
export function namedError(call: AwsCall, name: string, message: string, status = 400): BedAnswer {
  if (call.service === 's3')
    return xml(status, `<Error><Code>${name}</Code><Message>${message}</Message></Error>`);
  if (call.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true)
    return xml(
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
  return errorAnswer(name, message, status);
}

const xml = (status: number, text: string): BedAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(text),
});
