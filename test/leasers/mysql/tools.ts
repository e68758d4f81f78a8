import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { cuttingProxy, type CuttingProxy } from '../../targets/postgres/cutting-proxy.ts';
import {
  mysqlAuthority,
  mysqlLeasable,
  mysqlSubject,
  newLeaser,
  rewritten,
  type MysqlServer,
} from './subject.ts';

/** A server and the value of its authority. */
export type MysqlBed = () => { readonly server: MysqlServer; readonly value: Secret };

/** A server under test, and what tests do with it. */
export interface On extends ReturnType<typeof toolsOf> {
  readonly name: string;
  readonly bed: MysqlBed;
}

/** What tests do with a server. */
export function toolsOf(bed: MysqlBed) {
  const under = (leasable = mysqlLeasable()) => ({ ...mysqlSubject(bed().server, bed().value), leasable });
  const users = async (id: string) =>
    (
      await bed().server.admin(
        `SELECT User AS user, account_locked AS locked FROM mysql.user WHERE User = 'lease_${id}'`,
      )
    ).map(({ locked }) => (locked === 'Y' ? 'locked' : 'open'));
  const proof = async (
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<{ readonly code: string; readonly message: string }> => {
    try {
      await newLeaser().proveAuthority(mysqlAuthority({ port: bed().server.port }, more), bed().value);
      return { code: 'none', message: '' };
    } catch (error) {
      if (error instanceof LockstepError) return error;
      throw error;
    }
  };
  const through = async (work: (proxy: CuttingProxy, subject: ReturnType<typeof under>) => Promise<void>) => {
    const proxy = await cuttingProxy(bed().server.port);
    const { port } = bed().server;
    const base = mysqlSubject(
      { ...bed().server, port: proxy.port },
      rewritten(bed().value, { port: proxy.port }),
    );
    // Holders are not what is cut off.
    const tries = (held: Secret) => base.tries(rewritten(held, { port }));
    try {
      await work(proxy, { ...base, tries, leasable: mysqlLeasable() });
    } finally {
      await proxy.close();
    }
  };
  return { under, users, proof, through };
}
