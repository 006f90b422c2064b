import type { ShardControl } from './control';

/** The calls of the function beside the shards, as events. */
export type ShardCall =
  | { readonly call: 'list' | 'buckets' | 'skew' }
  | { readonly call: 'keepOnly'; readonly names: readonly string[] }
  | { readonly call: 'add'; readonly name: string; readonly after: string }
  | { readonly call: 'move'; readonly buckets: readonly number[]; readonly to: string };

export type ShardResult = Awaited<ReturnType<typeof shardAnswer>>;

/** Unknown calls are refused by the types of those who make them, and by the one error here. */
export async function shardAnswer(control: ShardControl, event: ShardCall) {
  switch (event.call) {
    case 'list':
      return control.list();
    case 'buckets':
      return control.buckets();
    case 'skew':
      return control.skew();
    case 'keepOnly':
      return control.keepOnly(event.names);
    case 'add':
      return control.add(event.name, event.after);
    case 'move':
      return control.move(event.buckets, event.to);
    default:
      throw unknown(event);
  }
}

const unknown = (event: never) => new Error(`No such call: ${JSON.stringify(event)}`);

/** The same somewhere else: on AWS, in a function. */
export const remoteShards = (invoke: <Result>(call: ShardCall) => Promise<Result>): ShardControl => ({
  list: () => invoke({ call: 'list' }),
  buckets: () => invoke({ call: 'buckets' }),
  skew: () => invoke({ call: 'skew' }),
  keepOnly: (names) => invoke({ call: 'keepOnly', names }),
  add: (name, after) => invoke({ call: 'add', name, after }),
  move: (buckets, to) => invoke({ call: 'move', buckets, to }),
});
