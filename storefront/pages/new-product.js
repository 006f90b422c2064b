import { h } from '../app/dom.js';
import { postOnce } from '../app/idempotent.js';
import { pageUrl, stockUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { productForm } from '../parts/product-form.js';
import { toast } from '../parts/toast.js';

export async function page({ signal }) {
  const form = await productForm({
    action: 'Add product',
    signal,
    save: async (body) => {
      const { name, id } = await postOnce('product', '/api/products', body);
      toast(`${name} added. Next, receive some stock.`);
      await go(stockUrl(id), { replace: true });
    },
  });
  return {
    title: 'Add product',
    content: h(
      'div',
      { class: 'page' },
      h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: pageUrl('staff') }, 'Stock')),
      h('div', { class: 'narrow wider' }, h('h1', {}, 'Add product'), form),
    ),
  };
}
