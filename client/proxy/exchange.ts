import type { ClientRequest, IncomingMessage } from 'node:http';
import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import { networkFailure } from '../../lambdas/outbound/network-failure.ts';
import type { HeldLease, LeaseInUse } from '../access/held-lease.ts';
import type { Authority } from './authority.ts';
import type { Carrying } from './carrying.ts';
import { ruleOf, rulesFor } from './egress-match.ts';
import type { Forwarding } from './forwarding.ts';
import { flat, type HeaderList } from './header-list.ts';
import { passOn } from './pass-on.ts';
import { passingHeaders } from './passing-headers.ts';
import { putCredential } from './put-credential.ts';
import { needsWholeBody } from './put-sigv4.ts';
import { refusedByRules } from './refused-by-rules.ts';
import { refusesLogin } from './refuses-login.ts';
import type { RequestHead } from './request-head.ts';
import type { ReadBody, SentBody } from './sent-body.ts';

/** One request that was looked at, and which of its second chances have been used. */
export interface Looked extends Forwarding {
  readonly head: RequestHead;
  readonly body: SentBody;
  readonly held: HeldLease;
  readonly spent: Set<'successor' | 'connection'>;
}

/** What changes nothing the second time (RFC 9110 §9.2.2): may be sent again where nobody knows whether it arrived. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/** One attempt with one lease: whether it was the last. */
export async function exchange(looked: Looked, lease: LeaseInUse, clock: Clock): Promise<boolean> {
  const { authority, body, isTls, pass, response } = looked;
  const rule = ruleFor(looked, lease);
  const { carrying, read } = await prepared(looked, lease, rule, clock);
  const outgoing = pass.upstream.send({ ...authority, ...networkOf(rule) }, isTls, {
    method: looked.head.method,
    target: `${carrying.path}${carrying.query}`,
    headers: flat([...hostOf(authority, isTls), ...carrying.headers, ...framing(looked.head.body, read)]),
  });
  const abandon = (): void => void outgoing.destroy();
  response.once('close', abandon);
  try {
    const answer = await answerTo(outgoing, body);
    // Answered before it was sent whole: on that connection the next request would be read as what is left of this one.
    answer.once('end', () => {
      if (!outgoing.writableEnded) outgoing.destroy();
    });
    if (await hasAnotherLease(looked, lease, rule, answer)) {
      outgoing.destroy();
      return false;
    }
    await passOn(answer, response, carrying.secrets);
    return true;
  } catch (error) {
    if (mayTryAnotherConnection(looked, outgoing)) return false;
    throw unanswered(authority, error);
  } finally {
    response.off('close', abandon);
  }
}

/** The rules of the lease that is used, as it was handed over: a successor may have others. */
function ruleFor({ authority, head, isTls }: Looked, { egress }: LeaseInUse): EgressRule {
  const rule = ruleOf(rulesFor(egress, authority), head.method, head.target);
  // Without TLS the credential could be read on the way; on this machine there is no way.
  if (rule && (isTls || rule.network === 'loopback')) return rule;
  throw refusedByRules(authority);
}

async function prepared(
  { authority, body, goAhead, head }: Looked,
  lease: LeaseInUse,
  { put }: EgressRule,
  clock: Clock,
): Promise<{ readonly carrying: Carrying; readonly read: ReadBody | undefined }> {
  const headers = passingHeaders(head.headers);
  // Whoever asked whether to send the body asked whether it would be refused: it would not, by us.
  goAhead?.();
  const read = needsWholeBody(put, headers) ? await body.read() : undefined;
  const puttable = { ...authority, ...head.target, method: head.method, headers };
  const carrying = putCredential(
    put,
    lease,
    read === undefined ? puttable : { ...puttable, bodyDigest: read.sha256 },
    clock(),
  );
  return { carrying, read };
}

const networkOf = ({ network, ca }: EgressRule): Pick<EgressRule, 'network' | 'ca'> =>
  ca === undefined ? { network } : { network, ca };

const hostOf = ({ host, port }: Authority, isTls: boolean): HeaderList => [
  ['Host', port === (isTls ? 443 : 80) ? host : `${host}:${port}`],
];

/** How long the body is, in our own words; and answers as they are, so that they can be looked through. */
function framing(body: RequestHead['body'], read: ReadBody | undefined): HeaderList {
  const plain = ['Accept-Encoding', 'identity'] as const;
  if (read !== undefined) return [plain, ['Content-Length', String(read.bytes)]];
  if (body === 'chunked') return [plain, ['Transfer-Encoding', 'chunked']];
  return body === 0 ? [plain] : [plain, ['Content-Length', String(body)]];
}

function answerTo(outgoing: ClientRequest, body: SentBody): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.once('response', resolve);
    outgoing.once('close', () => reject(Object.assign(new Error('no answer'), { code: 'ECONNRESET' })));
    body.sendTo(outgoing);
  });
}

async function hasAnotherLease(
  { body, held, spent }: Looked,
  { id }: LeaseInUse,
  { put }: EgressRule,
  { statusCode, headers }: IncomingMessage,
): Promise<boolean> {
  if (spent.has('successor') || !body.canBeSentAgain) return false;
  if (!refusesLogin(statusCode, headers['x-amzn-errortype'], put)) return false;
  spent.add('successor');
  return held.succeedRefused(id);
}

function mayTryAnotherConnection(
  { body, head, response, spent }: Looked,
  { reusedSocket }: ClientRequest,
): boolean {
  const may =
    reusedSocket &&
    !spent.has('connection') &&
    body.canBeSentAgain &&
    IDEMPOTENT.has(head.method) &&
    !response.headersSent &&
    !response.destroyed;
  spent.add('connection');
  return may;
}

const unanswered = ({ host, port }: Authority, error: unknown): LockstepError =>
  isLockstepError(error)
    ? error
    : new LockstepError(
        'TARGET_UNREACHABLE',
        `${host}:${port} broke off before it had answered (${networkFailure(error).code}); whether it did what was asked is unknown`,
      );
