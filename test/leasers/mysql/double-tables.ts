import { setTimeout as sleep } from 'node:timers/promises';
import { changedAccount, unquoted, type DoubleAccount } from './accounts.ts';
import { answerAboutRights } from './double-rights.ts';
import { MysqlError, type DoubleRow } from './wire.ts';

/** A session at the double. */
export interface DoubleSession {
  readonly id: number;
  readonly user: string;
  readonly roles: readonly string[];
  readonly close: () => void;
  idleSeconds: number;
  timer?: NodeJS.Timeout;
}

/** What the double keeps, and what it does with the statements that it knows. It refuses every other one. */
export class DoubleTables {
  private readonly accounts = new Map<string, DoubleAccount>();
  private readonly sessions = new Map<number, DoubleSession>();
  private readonly locks = new Map<string, number>();
  private readonly seen: string[] = [];
  private readonly version: string;
  private nextId = 10;

  constructor(version: string) {
    this.version = version;
  }

  written = (): string => JSON.stringify([[...this.accounts.values()], this.seen]);

  accountOf = (user: string): DoubleAccount | undefined =>
    [...this.accounts.values()].find((account) => account.user === user);

  crowded(account: DoubleAccount | undefined): MysqlError | undefined {
    if (!account || account.limit === 0) return undefined;
    const open = [...this.sessions.values()].filter(({ user }) => user === account.user).length;
    return open < account.limit ? undefined : new MysqlError(1226, 'User has exceeded max_user_connections');
  }

  open(user: string, roles: readonly string[], close: () => void): DoubleSession {
    const session: DoubleSession = { id: (this.nextId += 1), user, roles, close, idleSeconds: 28_800 };
    this.sessions.set(session.id, session);
    return session;
  }

  leave(session: DoubleSession): void {
    clearTimeout(session.timer);
    this.sessions.delete(session.id);
    for (const [name, id] of this.locks) if (id === session.id) this.locks.delete(name);
  }

  /** A session that says nothing for its time is ended. */
  stir(session: DoubleSession): void {
    clearTimeout(session.timer);
    session.timer = setTimeout(session.close, session.idleSeconds * 1000);
    session.timer.unref();
  }

  /** As an administrator. */
  administer(sql: string): readonly DoubleRow[] {
    if (sql.startsWith('GRANT ')) return [];
    const [, user] =
      /^UPDATE mysql\.user SET User_attributes =.*'\$\.metadata\.lockstep\.until', 1\) WHERE User = '(.*)'$/s.exec(
        sql,
      ) ?? [];
    if (user === undefined) return this.answer(sql);
    this.answer(`ALTER USER '${user}'@'%' ATTRIBUTE '{"lockstep":{"until":1}}'`);
    return [];
  }

  async run(sql: string, session: DoubleSession): Promise<readonly DoubleRow[]> {
    this.seen.push(sql);
    const [, name, seconds] = /^SELECT GET_LOCK\('(.*)', (\d+)\) AS got$/.exec(sql) ?? [];
    if (name !== undefined) return [{ got: await this.lock(name, Number(seconds), session) }];
    const [, idle] =
      /^SET SESSION wait_timeout = (\d+), lock_wait_timeout = \d+, sql_mode = ''$/.exec(sql) ?? [];
    if (idle !== undefined) {
      session.idleSeconds = Number(idle);
      this.stir(session);
      return [];
    }
    if (sql === 'SELECT 1') return [{ 1: 1 }];
    if (sql === 'SELECT CURRENT_ROLE() AS roles')
      return [{ roles: session.roles.map((role) => `\`${role}\`@\`%\``).join(',') }];
    if (session.user !== 'lease_admin') throw new MysqlError(1142, 'command denied');
    return this.answer(sql);
  }

  private async lock(name: string, seconds: number, session: DoubleSession): Promise<0 | 1> {
    for (let waited = 0; waited <= seconds * 1000; waited += 10) {
      const holder = this.locks.get(name);
      if (!this.sessions.has(session.id)) return 0;
      if (holder === undefined || holder === session.id) {
        this.locks.set(name, session.id);
        return 1;
      }
      await sleep(10);
    }
    return 0;
  }

  private answer(sql: string): readonly DoubleRow[] {
    if (/^(CREATE|ALTER) USER /.test(sql)) return this.change(sql);
    const answers = [
      this.look,
      this.list,
      this.edges,
      this.others,
      (text: string) => answerAboutRights(text, this.version),
    ];
    for (const answer of answers) {
      const rows = answer(sql);
      if (rows) return rows;
    }
    throw new MysqlError(1064, `You have an error in your SQL syntax near '${sql}'`);
  }

  private change(sql: string): readonly DoubleRow[] {
    const find = (user: string, host: string) => this.accounts.get(`${user}@${host}`);
    const changed = changedAccount(sql, find, (role) => ['rag_reader', 'rag_writer'].includes(role));
    this.accounts.set(`${changed.user}@${changed.host}`, changed);
    return [];
  }

  private readonly look = (sql: string): readonly DoubleRow[] | undefined => {
    const [, user, , host] =
      /^SELECT UNIX_TIMESTAMP\(NOW\(6\)\) \* 1000 AS now, VERSION\(\) AS version,.*LEFT JOIN mysql\.user u ON u\.User = '([^']*)' (AND u\.Host = '([^']*)')?\s.*LIMIT 1$/s.exec(
        sql,
      ) ?? [];
    if (user === undefined) return undefined;
    const account = host === undefined ? this.accountOf(user) : this.accounts.get(`${user}@${host}`);
    return [
      {
        now: Date.now(),
        version: this.version,
        user: account?.user ?? null,
        host: account?.host ?? null,
        locked: account ? flag(account) : null,
        attribute: attributeOf(account),
      },
    ];
  };

  private readonly list = (sql: string): readonly DoubleRow[] | undefined => {
    const [, mark = ''] = /LIKE 'lease\\\\_([0-9a-z]{8})%'/.exec(sql) ?? [];
    const accounts = [...this.accounts.values()];
    const leases = accounts.filter(({ user }) => user.startsWith(`lease_${mark}`));
    if (/^SELECT DISTINCT SUBSTRING\(User, 7, 8\) AS beginning FROM mysql\.user\s.* LIMIT 16$/s.test(sql)) {
      const others = accounts.filter((each) => /^lease_.{26}$/.test(each.user) && !leases.includes(each));
      return [...new Set(others.map(({ user }) => user.slice(6, 14)))].map((beginning) => ({ beginning }));
    }
    const [, after, size] =
      /^SELECT DISTINCT u\.User AS user FROM .*u\.User > '([^']*)' .*ORDER BY u\.User LIMIT (\d+)$/s.exec(
        sql,
      ) ?? [];
    if (after !== undefined) {
      return leases
        .filter((account) => account.user > after && !memoryOf(account).ended)
        .toSorted((one, other) => (one.user < other.user ? -1 : 1))
        .slice(0, Number(size))
        .map(({ user }) => ({ user }));
    }
    if (
      !/^SELECT u\.User AS user, u\.Host AS host .*u\.account_locked = 'Y'.*ORDER BY RAND\(\) LIMIT 100$/s.test(
        sql,
      )
    )
      return undefined;
    return leases
      .filter(
        (account) => account.isLocked && memoryOf(account).ended && memoryOf(account).until < Date.now(),
      )
      .map(({ user, host }) => ({ user, host }));
  };

  private readonly edges = (sql: string): readonly DoubleRow[] | undefined => {
    const [, user] =
      /^SELECT FROM_USER AS (?:user|role).* FROM mysql\.role_edges\s+WHERE TO_USER = '([^']*)'/s.exec(sql) ??
      [];
    if (user !== undefined)
      return (this.accountOf(user)?.roles ?? []).map((role) => ({ user: role, host: '%', role }));
    const [, taken, host] = /^REVOKE '.*'@'%' FROM '([^']*)'@'([^']*)'$/.exec(sql) ?? [];
    const account = this.accounts.get(`${taken}@${host}`);
    if (!account) return undefined;
    this.accounts.set(`${account.user}@${account.host}`, { ...account, roles: [] });
    return [];
  };

  private readonly others = (sql: string): readonly DoubleRow[] | undefined => {
    const [, sessionsOf] =
      /^SELECT ID AS id FROM information_schema\.PROCESSLIST WHERE USER = '([^']*)'$/.exec(sql) ?? [];
    if (sessionsOf !== undefined)
      return [...this.sessions.values()].filter(({ user }) => user === sessionsOf).map(({ id }) => ({ id }));
    const [, id] = /^KILL CONNECTION (\d+)$/.exec(sql) ?? [];
    if (id !== undefined) {
      const session = this.sessions.get(Number(id));
      if (!session) throw new MysqlError(1094, 'Unknown thread id');
      session.close();
      return [];
    }
    const [, dropped, host] = /^DROP USER IF EXISTS '([^']*)'@'([^']*)'$/.exec(sql) ?? [];
    if (dropped !== undefined) {
      this.accounts.delete(`${dropped}@${host}`);
      return [];
    }
    const [, user] =
      /^SELECT (?:User AS user, account_locked AS locked FROM mysql\.user WHERE User|ATTRIBUTE AS attribute FROM information_schema\.USER_ATTRIBUTES WHERE USER) = '([^']*)'$/.exec(
        sql,
      ) ?? [];
    const account = user === undefined ? undefined : this.accountOf(unquoted(user));
    if (user === undefined) return undefined;
    return account ? [{ user, locked: flag(account), attribute: attributeOf(account) }] : [];
  };
}

const flag = ({ isLocked }: DoubleAccount): string => (isLocked ? 'Y' : 'N');

const attributeOf = (account: DoubleAccount | undefined): string | null =>
  account?.attribute ? JSON.stringify(account.attribute) : null;

function memoryOf({ attribute }: DoubleAccount): { readonly ended: boolean; readonly until: number } {
  const memory = (attribute?.['lockstep'] ?? {}) as { readonly ended?: unknown; readonly until?: unknown };
  return { ended: memory.ended === true, until: Number(memory.until ?? 0) };
}
