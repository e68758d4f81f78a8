/** Errors without a word of their own, by how they begin. */
const UNNAMED: readonly (readonly [beginning: string, kind: string])[] = [
  ['ERR max number of clients', 'MAXCLIENTS'],
  ['ERR unknown command', 'UNKNOWN'],
  ['ERR Error in ACL SETUSER modifier', 'MODIFIER'],
];

/** An error that Redis answered: its kind. The rest of its text may quote what was asked, and goes nowhere. */
export class ReplyError {
  readonly kind: string;

  constructor(text: string) {
    const [, inside] = /^EXECABORT Transaction discarded because of: (.*)$/s.exec(text) ?? [];
    const reason = inside ?? text;
    const unnamed = UNNAMED.find(([beginning]) => reason.startsWith(beginning));
    this.kind = unnamed?.[1] ?? /^[A-Z]{2,20}/.exec(reason)?.[0] ?? 'ERR';
  }
}

/** What Redis answers (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/). */
export type Reply = string | number | null | ReplyError | readonly Reply[];

/** More than any answer to what we ask: a server that sends more is not believed. */
const LONGEST = 32 * 1024 * 1024;

/** A command as it is sent: an array of binary-safe texts, so no text can end another or begin a command. */
export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.map((word) => {
    const bytes = Buffer.from(word);
    return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
  });
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}

/** Reads answers out of what has arrived so far. `undefined` where the rest is still to come. Throws for what is none. */
export class ReplyReader {
  private bytes = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    if (this.bytes.length > LONGEST) throw new Error('an answer is too long');
  }

  next(): { readonly reply: Reply } | undefined {
    const found = readReply(this.bytes, 0, 0);
    if (!found) return undefined;
    this.bytes = this.bytes.subarray(found.end);
    return { reply: found.reply };
  }
}

interface Found {
  readonly reply: Reply;
  readonly end: number;
}

function readReply(bytes: Buffer, start: number, depth: number): Found | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const [type, line] = [
    String.fromCharCode(bytes[start] ?? 0),
    bytes.subarray(start + 1, lineEnd).toString(),
  ];
  const end = lineEnd + 2;
  switch (type) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: new ReplyError(line), end };
    case ':':
      return { reply: lengthOf(line), end };
    case '$':
      return readText(bytes, lengthOf(line), end);
    case '*':
      return readList(bytes, lengthOf(line), end, depth);
    default:
      throw new Error('an answer is not RESP2');
  }
}

function lengthOf(line: string): number {
  if (!/^-?\d{1,15}$/.test(line)) throw new Error('an answer has no number where one belongs');
  return Number(line);
}

function readText(bytes: Buffer, length: number, start: number): Found | undefined {
  if (length < 0) return { reply: null, end: start };
  if (length > LONGEST) throw new Error('an answer is too long');
  const end = start + length;
  if (bytes.length < end + 2) return undefined;
  return { reply: bytes.subarray(start, end).toString(), end: end + 2 };
}

function readList(bytes: Buffer, length: number, start: number, depth: number): Found | undefined {
  if (length < 0) return { reply: null, end: start };
  if (depth >= 8) throw new Error('an answer is too deep');
  const list: Reply[] = [];
  let end = start;
  for (let index = 0; index < length; index += 1) {
    const found = readReply(bytes, end, depth + 1);
    if (!found) return undefined;
    list.push(found.reply);
    end = found.end;
  }
  return { reply: list, end };
}
