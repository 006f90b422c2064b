import { send } from '../app/api.js';
import { h } from '../app/dom.js';
import { pageUrl, stockUrl } from '../app/links.js';
import { go } from '../app/router.js';
import { productForm } from '../parts/product-form.js';
import { toast } from '../parts/toast.js';

export async function page({ signal }) {
  const form = await productForm({
    action: 'Add the product',
    signal,
    save: async (body) => {
      const { data } = await send('POST', '/api/products', { body });
      toast(`${data.name} is in the shop. Now receive some stock.`);
      await go(stockUrl(data.id), { replace: true });
    },
  });
  return {
    title: 'Add a product',
    content: h(
      'div',
      { class: 'page' },
      h(
        'nav',
        { class: 'crumbs', 'aria-label': 'Where you are' },
        h('a', { href: pageUrl('staff') }, 'Stock'),
      ),
      h('div', { class: 'narrow wider' }, h('h1', {}, 'Add a product'), form),
    ),
  };
}
