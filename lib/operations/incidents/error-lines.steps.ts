import { gunzipSync } from 'node:zlib';

/** The event of a subscription of CloudWatch Logs. */
export interface LogsEvent {
  readonly awslogs: { readonly data: string };
}

/** A line of the shop's log at the level error or fatal. */
export interface ErrorLine {
  /** `<role>/<instance>/app` */
  readonly stream: string;
  readonly text: string;
  readonly line: {
    readonly level: 'error' | 'fatal';
    readonly time: string;
    readonly msg?: string;
    readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string };
    readonly release?: string;
    readonly method?: string;
    readonly path?: string;
    readonly requestId?: string;
    readonly traceId?: string;
  };
}

interface Batch {
  readonly messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE';
  readonly logStream: string;
  readonly logEvents: readonly { readonly message: string }[];
}

/** The lines of an event. CloudWatch also sends messages to test the subscription, which hold none. */
export function errorLinesOf({ awslogs }: LogsEvent): ErrorLine[] {
  const batch: Batch = JSON.parse(gunzipSync(Buffer.from(awslogs.data, 'base64')).toString());
  if (batch.messageType !== 'DATA_MESSAGE') return [];
  return batch.logEvents.flatMap(({ message }): ErrorLine[] => {
    const line = parsed(message);
    const isError = line?.level === 'error' || line?.level === 'fatal';
    return isError ? [{ stream: batch.logStream, text: message, line: line as ErrorLine['line'] }] : [];
  });
}

function parsed(text: string): { readonly level?: unknown } | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}
