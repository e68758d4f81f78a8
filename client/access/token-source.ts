import { execFile, type ExecFileException } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ACTING_FOR_HEADER, MAX_TOKEN_LENGTH } from '../../lambdas/contracts/access-wire.ts';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';

/**
 * Where a token comes from. Asked anew for each request: a token is good for one. Throws `NO_TOKEN` where there is none;
 * `TOKEN_SPENT` where there is none but one that was given before.
 */
export type TokenSource = () => Promise<Secret>;

/** How long a program may take to print a token. */
const COMMAND_SECONDS = 30;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** How often a file is looked at for a new token. */
const LOOK_AGAIN_SECONDS = 5;

/** The token in a file, each time again, whatever became of it. */
export const tokenFromFile =
  (path: string): TokenSource =>
  async () => {
    const found = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new LockstepError('NO_TOKEN', `the token file ${path} could not be read (${foreignName(error)})`);
    });
    return tokenOf(found, `the file ${path}`);
  };

/**
 * The token in a file, as Kubernetes mounts one: each once. It counts as used from when it is given, since nobody can know
 * whether a request that had no answer arrived; shown again it would be refused, and page somebody.
 */
export function unspentFromFile(path: string): TokenSource {
  const read = tokenFromFile(path);
  const spent = new Set<string>();
  return async () => {
    const token = await read();
    const digest = createHash('sha256').update(token.reveal()).digest('base64url');
    if (spent.has(digest))
      throw new LockstepError(
        'TOKEN_SPENT',
        `the token in the file ${path} is used up, since each is good for one ask, and there is no new one yet`,
        { retryAfterSeconds: LOOK_AGAIN_SECONDS },
      );
    spent.add(digest);
    return token;
  };
}

/**
 * The token that a program prints, run for each ask, without a shell and with nothing to read. What it wrote is never
 * repeated, nor are its words.
 */
export const tokenFromCommand =
  ([program = '', ...words]: readonly string[], limitSeconds = COMMAND_SECONDS): TokenSource =>
  () =>
    new Promise((resolve, reject) => {
      const limits = {
        timeout: limitSeconds * 1000,
        // One that hangs does not heed the milder ones.
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        encoding: 'utf8',
      } as const;
      const named = `the token command ${program}`;
      const child = execFile(program, words, limits, (error, output) => {
        if (error) return reject(noToken(`${named} ${failureOf(error, limitSeconds)}`));
        try {
          resolve(tokenOf(output, named));
        } catch (misfit) {
          reject(misfit instanceof Error ? misfit : new Error('no token'));
        }
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end();
    });

function failureOf(error: ExecFileException, limitSeconds: number): string {
  if (typeof error.code === 'number')
    return `ended with code ${error.code}; what it wrote is not shown here, run it by hand to see it`;
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'wrote far more than a token';
  if (error.killed === true) return `printed no token within ${limitSeconds} s, and was ended`;
  return typeof error.signal === 'string'
    ? `was ended by ${error.signal}`
    : `could not be started (${foreignName(error)})`;
}

/** Three parts in base64url: anything else is no JWT, and would only be sent to be refused. */
function tokenOf(found: string, from: string): Secret {
  const token = found.trim();
  if (token.length <= MAX_TOKEN_LENGTH && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return new Secret(token);
  throw noToken(
    token === ''
      ? `${from} gave nothing: a token was expected`
      : `what ${from} gave is no token: one JWT of at most ${MAX_TOKEN_LENGTH} characters was expected`,
  );
}

const noToken = (message: string): LockstepError => new LockstepError('NO_TOKEN', message);

/** The header that names the person an agent acts for; none where nobody is. */
export const actingForHeader = async (
  actingFor: TokenSource | undefined,
): Promise<Readonly<Record<string, string>>> =>
  actingFor ? { [ACTING_FOR_HEADER]: (await actingFor()).reveal() } : {};
