import fc from 'fast-check';

/** Text that has broken some program before. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates of other languages
const TEXTS: readonly string[] = [
  ...['', ' ', '\t\n', '\0', 'a\0b', '\u0007', '\u001b[31m', '\u0080', '\u2028', '\ufeff', '\ufffe'],
  ...[
    '0',
    '-1',
    '-0',
    '00',
    '1e400',
    '1e3',
    '0x10',
    '1.5',
    'NaN',
    'Infinity',
    '-Infinity',
    '9007199254740993',
  ],
  ...[
    'null',
    'undefined',
    'true',
    '[object Object]',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ],
  ...[
    "'",
    '"',
    '`',
    '\\',
    ';',
    '%',
    '%%',
    '%s%n%d',
    '_',
    "' OR '1'='1",
    "'; DROP TABLE products; --",
    '1) OR (1=1',
  ],
  ...[
    '" UNION SELECT password_hash FROM users -- ',
    '/*! SLEEP(9) */',
    "x' AND SLEEP(9) AND 'x",
    '?',
    ':1',
    '@@version',
  ],
  ...[
    '{"$gt":""}',
    '${7*7}',
    '{{7*7}}',
    '#{7*7}',
    '<%= 7*7 %>',
    '${jndi:ldap://127.0.0.1/a}',
    '$(id)',
    '`id`',
    '| id',
  ],
  ...[
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    'javascript:alert(1)',
    '<!--',
    ']]>',
    '<!DOCTYPE x>',
  ],
  ...[
    '../../../../etc/passwd',
    '..\\..\\x',
    '/etc/passwd',
    '//elsewhere.example/',
    'file:///etc/passwd',
    '.',
    '..',
    './.env',
  ],
  ...[
    'x\r\nSet-Cookie: session=x',
    'x\r\n\r\nHTTP/1.1 200 OK',
    'x\nlevel:error',
    '\r',
    'https://elsewhere.example/',
  ],
  ...[
    '\ud800',
    'a\udc00b',
    '\udfff\ud800',
    '😀',
    '👩‍👩‍👧‍👦',
    '𝒳'.repeat(60),
    '\u202egnp.exe',
    '\u200b\u200d',
    'ﷺ',
    'İıſß',
    'ǅ',
  ],
  ...[
    'e\u0301',
    `Z${'\u0301\u0323'.repeat(200)}`,
    `${'\u0301'.repeat(2000)}${'\u0323'.repeat(2000)}`,
    '\u1e9b\u0323',
    '가'.normalize('NFD'),
  ],
  ...[
    'x'.repeat(101),
    'x'.repeat(256),
    'x'.repeat(5001),
    'é'.repeat(3000),
    '('.repeat(500),
    'a '.repeat(2500),
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11',
  ],
  ...[
    'ADA@EXAMPLE.COM',
    'a@b',
    '@',
    'a@b@c',
    '"a b"@example.com',
    'a@[127.0.0.1]',
    'W/"1-0"',
    '"1-0", *',
    '*',
    '""',
  ],
];

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...TEXTS), fc.constantFrom(...TEXTS)).map((two) => two.join('')),
  },
);

/** Pieces of a URL as they go over the wire. */
const ESCAPES = [
  '%',
  '%2',
  '%zz',
  '%00',
  '%0d%0a',
  '%2e%2e%2f',
  '%252e',
  '%c0%af',
  '%ff%fe',
  '%ed%a0%80',
  '%f4%90%80%80',
  '+',
  '&',
  '=',
  '[]',
  '%u0041',
  ';x=1',
  '\u00ff',
];

export const hostileEscaped: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: hostileText.map(percentEncoded) },
  { weight: 1, arbitrary: fc.constantFrom(...ESCAPES) },
);

function percentEncoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w.~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** Text that can be sent as a header without ending it: UTF-8 as Node sends it, byte by byte. */
export const hostileHeader: fc.Arbitrary<string> = hostileText.map((text) =>
  Buffer.from(text)
    .toString('latin1')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header cannot hold these
    .replace(/[\0-\x08\n-\x1f\x7f]/g, '')
    .slice(0, 6000),
);

const repeated = (open: string, times: number, middle: string, close: string) =>
  `${open.repeat(times)}${middle}${close.repeat(times)}`;

/** JSON as text, since some of it is invalid, and some of it could not be written by JSON.stringify. */
const JSONS: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '1',
    '1.5',
    '1e2',
    '1e400',
    '-1e400',
    '1e-400',
    '0.1e-6',
    '100000001',
  ],
  ...[
    '9007199254740993',
    '9223372036854775808',
    `1${'0'.repeat(400)}`,
    '2147483648',
    '1000000',
    '-1000000',
    '4294967296',
  ],
  ...[
    'NaN',
    'Infinity',
    'undefined',
    '01',
    '+1',
    '.5',
    "'x'",
    '/**/1',
    '"\\u12"',
    '"\\x41"',
    '"unfinished',
    '',
  ],
  ...[
    '[]',
    '{}',
    '[null]',
    '[[[]]]',
    '{"":""}',
    '{"__proto__":{"role":"staff"}}',
    '{"constructor":{"prototype":{"x":1}}}',
  ],
  ...[
    '{"toString":1}',
    '{"length":-1}',
    '{"$ref":"#"}',
    '{"amount":1,"amount":-1,"currency":"USD"}',
    '{"then":"x"}',
  ],
  ...[
    repeated('[', 5000, '', ']'),
    repeated('{"a":', 5000, '1', '}'),
    `[${'0,'.repeat(9000)}0]`,
    `"${'x'.repeat(60_000)}"`,
  ],
  ...['"\\ud800"', '"\\u0000"', '"\\ud83d\\ude00"', '"\\u202e"', '"2030-01-31T08:15:00.000Z"'],
];

export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...JSONS) },
  { weight: 3, arbitrary: hostileText.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 4, noUnicodeString: false }) },
);

const utf16 = Buffer.from('\ufeff{"name":"x"}', 'utf16le');

/** Bodies that are no object of the expected form, as bytes. */
export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  hostileJson.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    ...[utf16, Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('{"name":"\xff\xfe"}', 'latin1')],
    ...[
      Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1'),
      Buffer.from('\ufeff{}'),
      Buffer.from('{"a":1}{"a":2}'),
    ],
    ...[
      Buffer.alloc(65_537, 0x20),
      Buffer.alloc(300_000, 0x5b),
      Buffer.from(`{"items":[${'0,'.repeat(30_000)}0]}`),
    ],
    Buffer.from(`{${Array.from({ length: 5000 }, (_, n) => `"k${n}":0`).join()}}`),
    Buffer.from(`{"${'k'.repeat(60_000)}":0}`),
    Buffer.from('a=1&b=2'),
  ),
);

/** Headers that change the meaning of a request, with values that some server has trusted. */
export const strayHeaders: readonly (readonly [string, string])[] = [
  ['host', 'elsewhere.example'],
  ['host', ''],
  ['host', 'a b'],
  ['host', '127.0.0.1:99999'],
  ['host', '[::1'],
  ['origin', 'https://elsewhere.example'],
  ['origin', 'null'],
  ['origin', '%%%'],
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', 'multipart/form-data; boundary='],
  ['content-type', 'application/jsonx'],
  ['content-type', ','],
  ['content-encoding', 'gzip'],
  ['cookie', 'session=; session=%; __Host-session=x; =; ;;; device=x.y'],
  ['cookie', `session=${'x'.repeat(8000)}`],
  ['authorization', 'Bearer '],
  ['authorization', `Bearer ${'A'.repeat(200)}`],
  ['authorization', `Basic ${'A'.repeat(200)}`],
  ['x-forwarded-for', `,,${'1,'.repeat(2000)}`],
  ['x-forwarded-for', 'fe80::1%eth0'],
  ['x-forwarded-for', '::ffff:999.1.1.1'],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-proto', 'https,http'],
  ['x-forwarded-host', 'elsewhere.example'],
  ['x-http-method-override', 'DELETE'],
  ['x-original-url', '/api/users/me'],
  ['x-request-id', '{"level":"error"}'],
  ['accept', 'text/html'],
  ['accept-encoding', 'zstd;q=9'],
  ['range', 'bytes=0-0,1-1,-1'],
  ['if-none-match', `${'"'.repeat(3000)}W/`],
  ['if-modified-since', 'yesterday'],
  ['expect', '100-continue'],
  ['upgrade', 'h2c'],
  ['user-agent', '\xc3\xa9\xff'.repeat(300)],
  ['forwarded', 'for="_x";proto=https'],
  ['x-pad', 'x'.repeat(20_000)],
];

export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
];
