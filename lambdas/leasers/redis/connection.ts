import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers';
import type { Secret } from '../../core/secret.ts';
import { dial, type Dialled } from './dial.ts';
import { timeoutsOf, type RedisLeaserPorts } from './ports.ts';
import { encodeCommand, ReplyError, ReplyReader, type Reply } from './resp.ts';
import { connectError, lostAnswer, replyError, type LoginSubject } from './target-error.ts';

/** Whom to log in as, where, and with what. */
export interface Login extends LoginSubject {
  readonly password: Secret;
}

/** A connection that is logged in. */
export interface Session {
  readonly subject: LoginSubject;
  /** What the server said of itself when it let us in. */
  readonly server: ReadonlyMap<string, Reply>;
  /**
   * Commands in one message, and an answer for each. Throws our own errors, for an error in any answer too; `doing`
   * tells people what it was for.
   */
  ask(doing: string, commands: readonly (readonly string[])[]): Promise<readonly Reply[]>;
}

/**
 * Logs in, works, and closes: one connection, whatever happens, and no password in anything it throws.
 *
 * Errors of the login: `TARGET_UNREACHABLE` (dns, tcp, timeout), `TARGET_REFUSES_TLS`, `TARGET_REFUSES_LOGIN`,
 * `TARGET_BUSY`, `TARGET_REFUSED`.
 */
export async function withConnection<T>(
  ports: RedisLeaserPorts,
  login: Login,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { connectMs, answerMs } = timeoutsOf(ports);
  const dialled = dial(login.endpoint, ports.lookup);
  // Whoever waits for an answer hears of a broken connection; without anybody waiting it is no news.
  dialled.socket.on('error', () => undefined);
  const answers = answersOf(dialled);
  try {
    const server = await connect(dialled, answers, login, connectMs);
    return await work(sessionOf(answers, dialled, { subject: login, server, answerMs }));
  } finally {
    dialled.socket.destroy();
  }
}

/** Sends a message, and gives the next so many answers. */
type Answers = (commands: readonly (readonly string[])[]) => Promise<readonly Reply[]>;

async function connect(
  dialled: Dialled,
  answers: Answers,
  login: Login,
  withinMs: number,
): Promise<ReadonlyMap<string, Reply>> {
  const limit = limitedTo(withinMs, dialled);
  try {
    await dialled.ready;
    const [reply] = await answers([['HELLO', '2', 'AUTH', login.user, login.password.reveal()]]);
    if (reply instanceof ReplyError) throw replyError(login, 'the login', reply);
    return pairsOf(reply);
  } catch (error) {
    throw connectError(login, dialled.stage(), limit.passed(), error);
  } finally {
    limit.lift();
  }
}

function sessionOf(
  answers: Answers,
  dialled: Dialled,
  { subject, server, answerMs }: Pick<Session, 'subject' | 'server'> & { readonly answerMs: number },
): Session {
  return {
    subject,
    server,
    async ask(doing, commands) {
      const limit = limitedTo(answerMs, dialled);
      try {
        const replies = await answers(commands);
        const failed = firstError(replies);
        if (failed) throw replyError(subject, doing, failed);
        return replies;
      } catch (error) {
        throw lostAnswer(subject, doing, error);
      } finally {
        limit.lift();
      }
    },
  };
}

/** Within the list that a transaction answers as well: Redis undoes nothing when a part of one fails. */
function firstError(reply: Reply): ReplyError | undefined {
  if (reply instanceof ReplyError) return reply.kind === 'EXECABORT' ? undefined : reply;
  if (!Array.isArray(reply)) return undefined;
  const replies: readonly Reply[] = reply;
  const inside = replies.map(firstError).find((found) => found !== undefined);
  return inside ?? replies.find((each) => each instanceof ReplyError);
}

function answersOf({ socket }: Dialled): Answers {
  const reader = new ReplyReader();
  let waiting:
    | { readonly count: number; readonly resolve: (replies: Reply[]) => void; readonly replies: Reply[] }
    | undefined;
  let fail: (error: unknown) => void = () => undefined;
  const read = (): void => {
    const asked = waiting;
    if (!asked) return;
    while (asked.replies.length < asked.count) {
      const found = reader.next();
      if (!found) return;
      asked.replies.push(found.reply);
    }
    asked.resolve(asked.replies);
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.add(chunk);
      read();
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
  socket.once('error', (error) => fail(error));
  socket.once('close', () => fail(new Error('closed')));
  return (commands) =>
    new Promise((resolve, reject) => {
      fail = reject;
      waiting = { count: commands.length, resolve, replies: [] };
      if (socket.destroyed) reject(new Error('closed'));
      else socket.write(Buffer.concat(commands.map(encodeCommand)));
    });
}

/** Cuts the connection when the time is over: whatever waits for it then fails. */
function limitedTo(milliseconds: number, { socket }: Dialled): { passed(): boolean; lift(): void } {
  let passed = false;
  const timer = startTimer(() => {
    passed = true;
    socket.destroy(new Error('out of time'));
  }, milliseconds);
  return { passed: () => passed, lift: () => stopTimer(timer) };
}

/** RESP2 gives a map as a flat list. */
export function pairsOf(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  const pairs = new Map<string, Reply>();
  if (!Array.isArray(reply)) return pairs;
  const list: readonly Reply[] = reply;
  for (let index = 0; index + 1 < list.length; index += 2) {
    const [name, value] = [list[index], list[index + 1]];
    if (typeof name === 'string' && value !== undefined) pairs.set(name, value);
  }
  return pairs;
}
