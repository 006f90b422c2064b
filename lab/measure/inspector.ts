import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** A running Node process, observed through the inspector, so that the program is unchanged. */
export interface Inspected {
  call<Result>(method: string, params?: object): Promise<Result>;
  /** Runs an expression there, which may use `require`, and resolves to its JSON value. */
  evaluate<Value>(expression: string): Promise<Value>;
  close(): void;
}

const TRIES = 200;
const LOOK_MS = 50;

/** SIGUSR1 makes Node listen, on a port that it prints to its log. */
export async function inspect(pid: number, log: string): Promise<Inspected> {
  const from = statSync(log).size;
  const isListening = /Debugger listening on (ws:\S+)/g;
  process.kill(pid, 'SIGUSR1');
  for (let left = TRIES; left > 0; left--) {
    const said = readFileSync(log);
    const url = isListening.exec(said.toString('utf8', from))?.[1];
    if (url) return connected(url);
    await sleep(LOOK_MS);
  }
  throw new Error(`The process ${pid} does not let itself be inspected; its log is ${log}`);
}

async function connected(url: string): Promise<Inspected> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  const waiting = new Map<number, (answer: Reply) => void>();
  socket.on('message', (data) => {
    const reply = JSON.parse(String(data)) as Reply;
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
  });
  let last = 0;
  const call = <Result>(method: string, params: object = {}): Promise<Result> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ error, result }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as Result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    call,
    evaluate: async <Value>(expression: string) => {
      const options = { returnByValue: true, includeCommandLineAPI: true, awaitPromise: true };
      const { result, exceptionDetails } = await call<Evaluated>('Runtime.evaluate', {
        expression,
        ...options,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value as Value;
    },
    close: () => socket.close(),
  };
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}
