import type { HttpBindings } from '@hono/node-server';
import type { Fetch } from '../lambda/shared/http/serve';

export interface Page {
  readonly status: 200 | 404;
  readonly html: string;
}

/** The parts of a product that a preview shows. */
interface Product {
  readonly name: string;
  readonly description: string;
  readonly picture: string | null;
}

/**
 * The page of a URL for readers that run no scripts: programs that preview links, and search engines. A product has its
 * title, text and picture in it, and one that does not exist is a 404. All other pages are the same file.
 * @param html the file of all pages @param api answers GET /api/products/{id}
 */
export async function pageOf(
  html: string,
  request: Request,
  bindings: HttpBindings,
  api: Fetch,
): Promise<Page> {
  const { origin, href, searchParams } = new URL(request.url);
  if (searchParams.get('page') !== 'product') return { status: 200, html };
  const path = `/api/products/${encodeURIComponent(searchParams.get('id') ?? '')}`;
  const answer = await api(new Request(new URL(path, origin)), bindings);
  if (answer.status === 404 || answer.status === 400) {
    await answer.body?.cancel();
    return { status: 404, html: withTitle(html, 'Page not found') };
  }
  // The page itself says what is wrong.
  if (!answer.ok) return { status: 200, html };
  const { name, description, picture } = (await answer.json()) as Product;
  const tags = {
    ...{ 'og:type': 'product', 'og:title': name, 'og:description': shortened(description), 'og:url': href },
    ...(picture && { 'og:image': new URL(picture, origin).href }),
  };
  return { status: 200, html: withTags(withTitle(html, name), tags) };
}

const withTitle = (html: string, title: string): string =>
  html.replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)} · Wren</title>`);

/** Replaces the tags of the shop, but for its name. */
function withTags(html: string, tags: Readonly<Record<string, string>>): string {
  const lines = Object.entries(tags).map(
    ([property, content]) => `    <meta property="${property}" content="${escaped(content)}">\n`,
  );
  const others = html.replace(/ *<meta property="og:(?!site_name)[^>]*>\n/g, '');
  return others.replace(/^ *<\/head>/m, (end) => lines.join('') + end);
}

const LONGEST = 200;

const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\s+\S*$/, '')} …`;

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
