import fc from 'fast-check';
import { block, code } from '../../../review/comment/markdown';

/** The text of an inline code span, read as CommonMark reads it; undefined if it is not one span and nothing else. */
function spanOf(markdown: string): string | undefined {
  const [, fence = '', inside = ''] = /^(`+)(.*?)(?<!`)\1(?!`)$/s.exec(markdown) ?? [];
  return fence && !inside.includes('\n') ? inside.replace(/^ (.*) $/s, '$1') : undefined;
}

test.each([
  ['`; rm -rf /`', '`` `; rm -rf /` ``'],
  ['@everyone', '` @everyone `'],
  ['<img src=x onerror=alert(1)>', '` <img src=x onerror=alert(1)> `'],
  ['[click](https://evil.example)', '` [click](https://evil.example) `'],
  ['a\n\n### Approved', '` a ### Approved `'],
  ['\u202Egnp.exe', '`  gnp.exe `'],
  ['\u001b[31mred', '` red `'],
  ['', '` (empty) `'],
])('%j is shown and does nothing', (name, markdown) => {
  expect(code(name)).toBe(markdown);
});

test('any text is one code span of one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => spanOf(code(text)) !== undefined),
  );
  const hostile = fc.string({ unit: fc.constantFrom('`', '\n', ' ', '|', '<', '*', 'a') });
  fc.assert(fc.property(hostile, (text) => spanOf(code(text)) !== undefined));
});

test('a long name is cut', () => {
  expect(code('x'.repeat(10_000)).length).toBeLessThan(260);
});

test('a block ends where it ends', () => {
  expect(block('a\n```\n@everyone')).toBe('````\na\n```\n@everyone\n````');
});
