import type { Here, There } from './control';
import type { QuestionName } from './questions';

/** The calls of the function beside the database, as events. */
export type HereCall =
  | { readonly call: 'status' | 'advance' | 'audit' }
  | { readonly call: 'ask'; readonly question: QuestionName; readonly now: number }
  | { readonly call: 'names'; readonly ids: readonly string[] };

/** The calls of the function beside the warehouse. */
export type ThereCall =
  | { readonly call: 'rows' | 'load' }
  | { readonly call: 'balances'; readonly open?: string | undefined }
  | { readonly call: 'ask'; readonly question: QuestionName; readonly now: number }
  | { readonly call: 'query'; readonly statement: string };

export type HereResult = Awaited<ReturnType<typeof hereAnswer>>;

export type ThereResult = Awaited<ReturnType<typeof thereAnswer>>;

/** Unknown calls are refused by the types of those who make them, and by the one error here. */
export async function hereAnswer(here: Here, event: HereCall) {
  switch (event.call) {
    case 'status':
      return here.status();
    case 'advance':
      return here.advance();
    case 'audit':
      return here.audit();
    case 'ask':
      return here.ask(event.question, event.now);
    case 'names':
      return here.names(event.ids);
    default:
      throw unknown(event);
  }
}

export async function thereAnswer(there: There, event: ThereCall) {
  switch (event.call) {
    case 'rows':
      return there.rows();
    case 'load':
      return there.load();
    case 'balances':
      return there.balances(event.open);
    case 'ask':
      return there.ask(event.question, event.now);
    case 'query':
      return there.query(event.statement);
    default:
      throw unknown(event);
  }
}

const unknown = (event: never) => new Error(`No such call: ${JSON.stringify(event)}`);

/** Sends an event to a function and returns its result. */
export type Invoke<Call> = <Result>(call: Call) => Promise<Result>;

/** Both, somewhere else: on AWS, as functions. */
export const remoteHere = (invoke: Invoke<HereCall>): Here => ({
  status: () => invoke({ call: 'status' }),
  advance: () => invoke({ call: 'advance' }),
  audit: () => invoke({ call: 'audit' }),
  ask: (question, now) => invoke({ call: 'ask', question, now }),
  names: (ids) => invoke({ call: 'names', ids }),
});

export const remoteThere = (invoke: Invoke<ThereCall>): There => ({
  rows: () => invoke({ call: 'rows' }),
  load: () => invoke({ call: 'load' }),
  balances: (open) => invoke({ call: 'balances', open }),
  ask: (question, now) => invoke({ call: 'ask', question, now }),
  query: (statement) => invoke({ call: 'query', statement }),
});
