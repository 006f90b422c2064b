import { defineScript } from '@redis/client';
import { type CacheEntry, EXPIRED_FOR_MS, FINAL_VERSION, MAX_CLOCK_LEAD_MS, MAX_FILL_AGE_MS } from './cache';

/** The commands of `valkey-cache.ts` and its scripts: all that its user needs. */
export const VALKEY_COMMANDS = ['get', 'getrange', 'set', 'del', 'time', 'eval', 'evalsha'] as const;

/**
 * A value is kept as `version loadedAt key`, a line feed, and the bytes that go out. The key proves that an answer
 * belongs to the question; the mark of `expire` has none.
 */
const read = `
local function read(key)
  local there = redis.pcall('GETRANGE', key, 0, 40)
  if type(there) ~= 'string' then return nil end
  local version, loadedAt = string.match(there, '^(%d+) (%d+) ')
  return tonumber(version), tonumber(loadedAt)
end
`;

/** Each has one key, so that it also runs where keys are spread over nodes. */
export const scripts = {
  putEntry: defineScript({
    NUMBER_OF_KEYS: 1,
    // DEL comes first for what has ended: a full memory refuses SET, but not after a command that frees some.
    SCRIPT: `${read}
local mine, began = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local age = time[1] * 1000 + time[2] / 1000 - began
if (age > ${MAX_FILL_AGE_MS} or age < -${MAX_CLOCK_LEAD_MS}) and ARGV[1] ~= '${FINAL_VERSION}' then return 0 end
local version, loadedAt = read(KEYS[1])
if version and (version > mine or (version == mine and loadedAt > began)) then return 0 end
if ARGV[1] == '${FINAL_VERSION}' then redis.call('DEL', KEYS[1]) end
local stored = redis.pcall('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. KEYS[1] .. '\\n' .. ARGV[3], 'PX', ARGV[4])
if stored.err then return stored end
return 1
`,
    parseCommand(parser, key: string, { version, loadedAt, value }: CacheEntry, ttlMs: number) {
      parser.pushKey(key);
      parser.push(String(version), String(Math.floor(loadedAt)), value, String(Math.ceil(ttlMs)));
    },
    transformReply: (reply: number) => reply === 1,
  }),
  expireBelow: defineScript({
    NUMBER_OF_KEYS: 1,
    // DEL comes first: a full memory refuses SET alone.
    SCRIPT: `${read}
local version = read(KEYS[1])
if version and version >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.pcall('SET', KEYS[1], ARGV[1] .. ' 0 \\n', 'PX', '${EXPIRED_FOR_MS}')
return 1
`,
    parseCommand(parser, key: string, version: number) {
      parser.pushKey(key);
      parser.push(String(version));
    },
    transformReply: () => undefined,
  }),
  deleteEqual: defineScript({
    NUMBER_OF_KEYS: 1,
    SCRIPT: `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`,
    parseCommand(parser, key: string, value: string) {
      parser.pushKey(key);
      parser.push(value);
    },
    transformReply: () => undefined,
  }),
};

/**
 * Undefined for the mark of `expire`, `nonsense` for what no script of this file wrote, and `foreign` for the value of
 * another key.
 */
export function decode(key: string, stored: string): CacheEntry | undefined | 'nonsense' | 'foreign' {
  const [numbers, version, loadedAt] = /^(\d{1,16}) (\d{1,16}) /.exec(stored) ?? [];
  if (numbers === undefined) return 'nonsense';
  if (stored === `${numbers}\n`) return undefined;
  const head = `${numbers}${key}\n`;
  if (!stored.startsWith(head)) return 'foreign';
  return { version: Number(version), loadedAt: Number(loadedAt), value: stored.slice(head.length) };
}
