import fc from 'fast-check';
import { pathOf } from '../../../../lambda/shared/http/path';

it('finds what the URL parser finds, in every URL that it has normalized', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
      const parsed = new URL(url);
      expect(pathOf(parsed.href)).toBe(parsed.pathname);
    }),
  );
});
