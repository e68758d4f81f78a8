import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import { LockstepError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { AUTHORITY_RULES, NEEDED, TRANSACTION } from './acl-rules.ts';
import { loginOfAuthority } from './as-authority.ts';
import { pairsOf, withConnection } from './connection.ts';
import { MEMORY_PATTERN } from './lease-names.ts';
import type { RedisLeaserPorts } from './ports.ts';
import type { Reply } from './resp.ts';
import { assertServer, timeOf } from './server.ts';

/**
 * Logs in as the authority, and looks at what it may do: as much as leases need, and nothing more. Whoever may make users
 * could make himself one with every right: this shows that nobody gave it more than that, not that it is harmless.
 */
export async function proveAuthority(
  ports: RedisLeaserPorts,
  declared: LeaseAuthority,
  value: Secret,
): Promise<void> {
  const login = loginOfAuthority(declared, value);
  await withConnection(ports, login, async (session) => {
    assertServer(session);
    const askedAt = ports.clock();
    const [self, time] = await session.ask('the look at our own rights', [
      ['ACL', 'GETUSER', login.user],
      ['TIME'],
    ]);
    timeOf(time, session, ports.clock, askedAt);
    assertRights(login.user, self);
  });
}

/** Throws `TARGET_LACKS_GRANT` or `TARGET_REFUSED`, with the line that mends it. */
function assertRights(user: string, reply: Reply | undefined): void {
  const rights = pairsOf(reply);
  const mend = `as an administrator run: ACL SETUSER ${user} ${AUTHORITY_RULES.join(' ')}`;
  const tokens = wordsOf(rights.get('commands'));
  const granted = tokens.filter((token) => token.startsWith('+')).map((token) => token.slice(1));
  const allowed = ['@transaction', ...TRANSACTION, 'unwatch', 'discard', ...NEEDED];
  const keys = wordsOf(rights.get('keys'));
  const more = [
    ...granted.filter((command) => !allowed.includes(command)),
    ...keys.filter((key) => key !== `~${MEMORY_PATTERN}`),
    ...wordsOf(rights.get('channels')),
    ...wordsOf(rights.get('selectors')),
    ...(wordsOf(rights.get('flags')).includes('nopass') ? ['nopass'] : []),
  ];
  if (more.length > 0) {
    const what = more.slice(0, 5).join(' ');
    throw new LockstepError(
      'TARGET_REFUSED',
      `user ${user} has more than leases need, and whoever has it could use that: ${what}; ${mend}`,
    );
  }
  const has = (command: string): boolean =>
    !tokens.includes(`-${command}`) &&
    (granted.includes(command) || (TRANSACTION.includes(command) && granted.includes('@transaction')));
  const lacking = [
    ...[...NEEDED, ...TRANSACTION].filter((command) => !has(command)).map((command) => `+${command}`),
    ...(keys.length === 0 ? [`~${MEMORY_PATTERN}`] : []),
  ];
  if (lacking.length === 0) return;
  throw new LockstepError(
    'TARGET_LACKS_GRANT',
    `user ${user} lacks ${lacking.join(' ')} to make leases; ${mend}`,
  );
}

/** Servers give these as a text, or as a list. */
function wordsOf(reply: Reply | undefined): readonly string[] {
  if (typeof reply === 'string') return reply.split(' ').filter((word) => word !== '');
  const parts: readonly Reply[] = Array.isArray(reply) ? reply : [];
  return parts.flatMap(wordsOf);
}
