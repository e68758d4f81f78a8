import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { ACTING_FOR_HEADER, MAX_TOKEN_LENGTH } from '../../lambdas/contracts/access-wire.ts';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';

/** Where a token comes from. Asked anew for each request: a token is good for one. */
export type TokenSource = () => Promise<Secret>;

const COMMAND_SECONDS = 30;

/** The token in a file, as Kubernetes mounts one. Throws `ENVIRONMENT_INVALID`. */
export const tokenFromFile =
  (path: string): TokenSource =>
  async () => {
    const found = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new LockstepError(
        'ENVIRONMENT_INVALID',
        `the token file ${path} could not be read (${foreignName(error)})`,
      );
    });
    return tokenOf(found, `the file ${path}`);
  };

/**
 * The token that a program prints, as `gh auth token` or a call of an identity provider does. It is started without a
 * shell. Throws `ENVIRONMENT_INVALID`; what it wrote to standard error is not repeated.
 */
export const tokenFromCommand =
  (program: string, ...given: readonly string[]): TokenSource =>
  () =>
    new Promise((resolve, reject) => {
      const limits = { timeout: COMMAND_SECONDS * 1000, maxBuffer: 1024 * 1024, encoding: 'utf8' } as const;
      execFile(program, [...given], limits, (error, output) => {
        if (error)
          return reject(
            new LockstepError(
              'ENVIRONMENT_INVALID',
              `the command ${program}, which should print a token, failed (${foreignName(error)})`,
            ),
          );
        try {
          resolve(tokenOf(output, `the command ${program}`));
        } catch (misfit) {
          reject(misfit instanceof Error ? misfit : new Error('no token'));
        }
      });
    });

/** Three parts in base64url: anything else is no JWT, and would only be sent to be refused. */
function tokenOf(found: string, from: string): Secret {
  const token = found.trim();
  if (token.length <= MAX_TOKEN_LENGTH && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return new Secret(token);
  throw new LockstepError(
    'ENVIRONMENT_INVALID',
    `what ${from} gave is no token: one JWT of at most ${MAX_TOKEN_LENGTH} characters was expected`,
  );
}

/** The header that names the person an agent acts for; none where nobody is. */
export const actingForHeader = async (
  actingFor: TokenSource | undefined,
): Promise<Readonly<Record<string, string>>> =>
  actingFor ? { [ACTING_FOR_HEADER]: (await actingFor()).reveal() } : {};
