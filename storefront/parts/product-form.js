import { get } from '../app/api.js';
import { freshId, h } from '../app/dom.js';
import { cents } from '../app/format.js';
import { field, form } from './form.js';

/** The fields of a product, empty or filled; `save` gets the body that the API takes. */
export async function productForm({ product, action, save, explain, signal }) {
  const categories = await get('/api/categories', signal);
  const list = freshId('categories');
  return form({
    fields: [
      field({
        name: 'name',
        label: 'Name',
        value: product?.name,
        required: true,
        maxlength: 120,
        autocomplete: 'off',
      }),
      field({
        name: 'category',
        label: 'Category',
        value: product?.category,
        required: true,
        maxlength: 60,
        list,
        autocomplete: 'off',
      }),
      h(
        'datalist',
        { id: list },
        categories.items.map(({ category }) => h('option', { value: category })),
      ),
      field({
        name: 'price',
        label: 'Price in US dollars',
        value: product && (product.price.amount / 100).toFixed(2),
        required: true,
        inputmode: 'decimal',
        pattern: '\\s*\\$?\\s*\\d{1,7}([.,]\\d{1,2})?\\s*',
        autocomplete: 'off',
        hint: 'Like 12.99',
      }),
      field({
        name: 'description',
        label: 'Description',
        kind: 'textarea',
        rows: 5,
        value: product?.description,
        required: true,
        maxlength: 4000,
      }),
    ],
    action,
    submit: ({ name, category, price, description }) =>
      save({
        name: name.trim(),
        category: category.trim(),
        description: description.trim(),
        price: { amount: cents(price), currency: product?.price.currency ?? 'USD' },
      }),
    explain,
  });
}
