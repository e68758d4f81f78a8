import { join } from 'node:path';

/** Where everything of one server lies. One folder, one server. */
export interface ServerFiles {
  readonly folder: string;
  /** PostgreSQL's own data folder, owned by the account that runs the server. */
  readonly data: string;
  /** A data folder in the making: renamed to `data` when it is whole, thrown away when it is found. */
  readonly draft: string;
  /** Everything the server says. Opened by us and appended to by the server. */
  readonly log: string;
  /** The port that values in the vault name: a server that starts again keeps it. */
  readonly port: string;
  /** The bootstrap superuser's password, mode 0600. */
  readonly bootstrap: string;
  /** Touched by a living runtime. */
  readonly heartbeat: string;
  /** Which keeper watches over the server. */
  readonly keeper: string;
  /** What keepers have to say; normally nothing. */
  readonly keeperLog: string;
}

/** The files of the server in `folder`. */
export const serverFiles = (folder: string): ServerFiles => ({
  folder,
  data: join(folder, 'data'),
  draft: join(folder, 'data.new'),
  log: join(folder, 'server.log'),
  port: join(folder, 'port'),
  bootstrap: join(folder, 'bootstrap'),
  heartbeat: join(folder, 'heartbeat'),
  keeper: join(folder, 'keeper.json'),
  keeperLog: join(folder, 'keeper.log'),
});
