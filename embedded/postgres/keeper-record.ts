import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { ServerFiles } from './server-files.ts';
import { isRunning, type ProcessIdentity } from './system-process.ts';

/** Who keeps the server of a folder, and which one. */
export interface KeeperRecord {
  readonly keeper: ProcessIdentity;
  readonly server?: ProcessIdentity & { readonly port: number };
}

/** The record, if there is a whole one. */
export async function readKeeperRecord({ keeper: file }: ServerFiles): Promise<KeeperRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as Partial<KeeperRecord>;
    const { pid, started } = record.keeper ?? {};
    return Number.isInteger(pid) && typeof started === 'string' ? (record as KeeperRecord) : undefined;
  } catch {
    // Cut short by a full disk: as good as none, the next keeper writes another.
    return undefined;
  }
}

/** Replaces the record: a crash leaves the old one or the new one. */
export async function writeKeeperRecord({ keeper: file }: ServerFiles, record: KeeperRecord): Promise<void> {
  const draft = `${file}.${record.keeper.pid}.new`;
  await writeFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** Takes the record away when its keeper goes. */
export const removeKeeperRecord = ({ keeper: file }: ServerFiles): Promise<void> => rm(file, { force: true });

/** The keeper that watches over this folder now, if any lives. */
export async function livingKeeper(files: ServerFiles): Promise<ProcessIdentity | undefined> {
  const record = await readKeeperRecord(files);
  return record && (await isRunning(record.keeper)) ? record.keeper : undefined;
}
