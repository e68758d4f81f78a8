import { createInterface, type Interface } from 'node:readline';
import { Writable, type Readable } from 'node:stream';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { Terminal } from './terminal.ts';

/** Standard input, or what stands for it. */
type InputStream = Readable & { readonly isTTY?: boolean | undefined };

/** What a terminal is made of. Questions go to the stream of messages, so that results can be piped on. */
export interface TerminalStreams {
  readonly input: InputStream;
  readonly messages: Writable & { readonly isTTY?: boolean | undefined };
}

/** What Secrets Manager takes of a value, in bytes. */
const MAX_VALUE_BYTES = 65_536;
/** The rest of a pasted text follows its first line at once. */
const PASTE_MS = 80;

/** The process's own terminal. */
export function nodeTerminal(streams: TerminalStreams): Terminal {
  const { input, messages } = streams;
  return {
    isInteractive: input.isTTY === true && messages.isTTY === true,
    ask: async (question) => (await askLines(streams, question, messages))[0] ?? '',
    askHidden: async (question) => {
      const lines = await askLines(streams, question, nowhere());
      messages.write('\n');
      if (lines.length > 1)
        throw new LockstepError(
          'COMMAND_INVALID',
          'the value has more than one line, and the prompt takes one; none of it was used. Pipe it in: --from-stdin',
        );
      return new Secret(lines[0] ?? '');
    },
    readPiped: async () => {
      if (input.isTTY)
        throw new LockstepError(
          'COMMAND_INVALID',
          'standard input is a terminal, which would show the value; pipe it in, or leave --from-stdin out to be asked for it unseen',
        );
      return readValue(input);
    },
  };
}

/** Asks for one line; what was pasted behind it is taken along, or the shell would get it as commands. */
function askLines(
  { input, messages }: TerminalStreams,
  question: string,
  echo: Writable,
): Promise<readonly string[]> {
  const lines: string[] = [];
  // Without a history: Node would keep the line for the next question.
  const reader: Interface = createInterface({ input, output: echo, terminal: true, historySize: 0 });
  messages.write(question);
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const brokenOff = (): void => {
      if (lines.length > 0) return;
      messages.write('\n');
      reject(new LockstepError('NOT_CONFIRMED', 'broken off; nothing was done'));
    };
    reader.on('line', (line) => {
      lines.push(line);
      timer ??= setTimeout(() => {
        resolve(lines);
        reader.close();
      }, PASTE_MS);
    });
    reader.on('SIGINT', () => {
      clearTimeout(timer);
      lines.length = 0;
      reader.close();
    });
    reader.on('close', brokenOff);
  });
}

/** Takes what the line editor would show, and shows nothing. */
const nowhere = (): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => done(),
  });

async function readValue(input: Readable): Promise<Secret> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_VALUE_BYTES)
      throw new LockstepError(
        'VALUE_MALFORMED',
        `standard input holds more than ${MAX_VALUE_BYTES} bytes, the longest value there is`,
      );
    chunks.push(bytes);
  }
  // The line end that echo and editors add is not part of the value.
  return new Secret(
    Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  );
}
