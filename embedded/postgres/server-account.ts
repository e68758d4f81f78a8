import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LockstepError } from '../../lambdas/core/errors.ts';

/** The account that the server runs as. PostgreSQL refuses to run as root. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/**
 * Whom the server runs as where we are root: the user `postgres`, made if it is missing. `undefined` where
 * we are an ordinary user: then the server runs as ourselves.
 */
export async function serverAccount(): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await findAccount()) ?? (await makeAccount());
}

async function findAccount(): Promise<ServerAccount | undefined> {
  const [uid, gid] = await Promise.all([numberFrom('-u'), numberFrom('-g')]);
  return uid === undefined || gid === undefined ? undefined : { name: NAME, uid, gid };
}

async function numberFrom(option: '-u' | '-g'): Promise<number | undefined> {
  const answer = await promisify(execFile)('id', [option, NAME]).catch(() => undefined);
  return answer === undefined ? undefined : Number(answer.stdout);
}

async function makeAccount(): Promise<ServerAccount> {
  const shell = ['--no-create-home', '--shell', '/usr/sbin/nologin'];
  const failure = await promisify(execFile)('useradd', ['--system', '--user-group', ...shell, NAME]).then(
    () => undefined,
    (error: unknown) => error,
  );
  // Two of us may have tried at once: whether it exists now is what counts.
  const account = await findAccount();
  if (account) return account;
  throw new LockstepError(
    'FOLDER_FORBIDDEN',
    `PostgreSQL does not run as root, and a user named ${NAME} could not be made; make one, or run as an ordinary user`,
    { cause: failure },
  );
}
