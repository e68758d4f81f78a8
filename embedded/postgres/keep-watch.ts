import type { FoundServer } from './postmaster-file.ts';

/** What a keeper sees and does. */
export interface WatchPorts {
  /** Changes whenever a living runtime has shown itself. */
  lastBeat(): Promise<number | undefined>;
  findServer(): Promise<FoundServer | undefined>;
  /** False once another living keeper has taken over. */
  isInCharge(): Promise<boolean>;
  /** Writes down who keeps which server. */
  record(server: FoundServer | undefined): Promise<void>;
  stopServer(): Promise<void>;
  /** Time that only passes, in milliseconds: no jump of the wall clock ends a server. */
  monotonicMs(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** The server could not be stopped; it is tried again. */
  onError(error: unknown): void;
}

/** How patient a keeper is, in seconds. */
export interface WatchPatience {
  readonly checkEverySeconds: number;
  /** Without any sign of a runtime for so long, the server ends. */
  readonly idleLimitSeconds: number;
  /** Without a server for so long, there is nothing to keep. Longer than a start may take. */
  readonly absentLimitSeconds: number;
}

/**
 * Watches until there is nothing left to watch, and says why it ended: the server was stopped because no
 * runtime lived (`idle`), it ended by other means (`absent`), or another keeper watches (`replaced`).
 */
export async function keepWatch(
  ports: WatchPorts,
  patience: WatchPatience,
): Promise<'idle' | 'absent' | 'replaced'> {
  let beat = await ports.lastBeat();
  let [beatSeenAt, serverSeenAt] = [ports.monotonicMs(), ports.monotonicMs()];
  let recorded: string | undefined;
  for (;;) {
    if (!(await ports.isInCharge())) return 'replaced';
    const server = await ports.findServer();
    if (server) serverSeenAt = ports.monotonicMs();
    const now = server && `${server.pid} ${server.started}`;
    if (now !== recorded) await ports.record(server);
    recorded = now;

    // Looked at last: a runtime that has just come back keeps its server.
    const seen = await ports.lastBeat();
    if (seen !== beat) [beat, beatSeenAt] = [seen, ports.monotonicMs()];
    if (ports.monotonicMs() - beatSeenAt >= patience.idleLimitSeconds * 1000) {
      if (await stopped(ports)) return 'idle';
    } else if (ports.monotonicMs() - serverSeenAt >= patience.absentLimitSeconds * 1000) {
      return 'absent';
    }
    await ports.sleep(patience.checkEverySeconds * 1000);
  }
}

async function stopped(ports: WatchPorts): Promise<boolean> {
  try {
    await ports.stopServer();
    return true;
  } catch (error) {
    ports.onError(error);
    return false;
  }
}
