import { type Connection, type Done, type HttpRequest, openConnection, type Target } from './connection';

export interface PoolOptions {
  readonly target: Target;
  /** The most requests in flight at a time. */
  readonly connections: number;
  /**
   * True (default) if a request waits for a free connection; else it fails with `NO_CONNECTION` where there is none. A
   * load that stays above the limit of its server must not wait: requests that waited for almost all of their time are
   * sent, and time out, until the server works for those alone.
   */
  readonly waits?: boolean;
}

export const NO_CONNECTION = 'No connection was free';

export interface Pool {
  /** Sends on a free connection; `sent` is called when the request goes out. */
  send(request: HttpRequest, sent: () => void, done: Done): { abort(): void };
  close(): void;
}

/**
 * Connections that take turns, each from a different address: a loopback address, and for servers that trust a load
 * balancer's header about the client, an address of a network for documentation.
 */
export function openPool({ target, connections, waits = true }: PoolOptions): Pool {
  const idle: Slot[] = Array.from({ length: connections }, (_, number) => ({
    number,
    connection: undefined,
  }));
  const waiting: ((slot: Slot) => void)[] = [];
  const free = (slot: Slot) => {
    const next = waiting.shift();
    if (next) next(slot);
    else idle.push(slot);
  };

  return {
    send: (request, sent, done) => {
      let aborted = false;
      let active: Connection | undefined;
      const go = (slot: Slot) => {
        if (aborted) return free(slot);
        if (!slot.connection?.usable)
          slot.connection = openConnection(target, loopbackOf(target, slot.number));
        active = slot.connection;
        sent();
        const headers = { 'X-Forwarded-For': clientOf(slot.number), ...request.headers };
        active.send({ ...request, headers }, (error, answer) => {
          free(slot);
          done(error, answer);
        });
      };
      const slot = idle.shift();
      if (slot) go(slot);
      else if (waits) waiting.push(go);
      else queueMicrotask(() => done(new Error(NO_CONNECTION)));
      return {
        abort: () => {
          aborted = true;
          if (active) active.close();
          else done(new Error(NO_CONNECTION));
        },
      };
    },
    close: () => {
      for (const { connection } of idle) connection?.close();
    },
  };
}

interface Slot {
  readonly number: number;
  connection: Connection | undefined;
}

/** 127.0.0.0/8 is this machine on Linux alone. */
const loopbackOf = ({ host }: Target, number: number): string | undefined =>
  process.platform === 'linux' && host === '127.0.0.1'
    ? `127.${64 + (number >> 6)}.${number & 63}.1`
    : undefined;

const clientOf = (number: number): string => `198.${18 + (number >> 8)}.${number & 255}.1`;
