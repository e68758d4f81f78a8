import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { LineFile } from '../files/line-file.ts';

/** One request, as the double saw it. Never a key, and nothing of the request but its route. */
export interface LoggedRequest {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly method: string;
  /** The template of the route, such as `GET /models`; `unknown` where there is none. */
  readonly route: string;
  /** What was answered; 0 where the connection was ended without an answer, by order of a fault. */
  readonly status: number;
  /** The key that was presented, living or ended; `null` for none and for one that was never ours. */
  readonly keyId: string | null;
  readonly clientPort: number;
  /** `X-Client-Request-Id`, where it came along: by it a client knows its own behind a proxy. */
  readonly clientRequestId?: string;
  /** Lockstep's own calls name themselves in `User-Agent`; they are listed apart from those of dependents. */
  readonly caller: 'lockstep' | 'other';
}

/** Writes what happened. */
export interface RequestLog {
  append(request: LoggedRequest): void;
  close(): void;
}

/** Days of an eager client. The newest two files are kept. */
const MAX_BYTES = 32 * 1024 * 1024;

const olderOf = (path: string): string => `${path}.1`;

/**
 * Opens the log for appending, one JSON object a line. Each is written before its answer is sent: whoever has an
 * answer finds its line, also after a SIGKILL. Only where the disk is full it comes later, and the double works on.
 */
export function openRequestLog(path: string, maxBytes = MAX_BYTES): RequestLog {
  const lines = new LineFile(path);
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    append(request) {
      const { length } = JSON.stringify(request);
      if (size > 0 && size + length >= maxBytes) {
        renameSync(path, olderOf(path));
        size = 0;
      }
      lines.append(request);
      size += length + 1;
    },
    close: () => lines.flush(),
  };
}

/** Reads a log back, oldest first. A last line that is not whole yet is left out. */
export function readRequestLog(path: string): readonly LoggedRequest[] {
  return [olderOf(path), path]
    .filter((each) => existsSync(each))
    .flatMap((each) => readFileSync(each, 'utf8').split('\n'))
    .flatMap((line) => {
      const request = parsed(line);
      return request ? [request] : [];
    });
}

function parsed(line: string): LoggedRequest | undefined {
  try {
    const request: unknown = JSON.parse(line);
    // Written by `append` alone.
    return typeof request === 'object' && request !== null ? (request as LoggedRequest) : undefined;
  } catch {
    return undefined;
  }
}
