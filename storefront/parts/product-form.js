import { get } from '../app/api.js';
import { freshId, h } from '../app/dom.js';
import { amountText, currencyName, minorUnits } from '../app/format.js';
import { field, form } from './form.js';

/** The fields of a product, empty or filled in; `save` receives the request body for the API. */
export async function productForm({ product, action, save, explain, signal }) {
  const categories = await get('/api/categories', signal);
  const list = freshId('categories');
  const currency = product?.price.currency ?? 'USD';
  const example = amountText({ amount: 1299, currency });
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
        label: `Price in ${currencyName(currency)}`,
        value: product && amountText(product.price),
        required: true,
        inputmode: 'decimal',
        autocomplete: 'off',
        hint: `For example ${example}`,
        check: (text) => minorUnits(text, currency) === undefined && `Write an amount such as ${example}`,
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
        price: { amount: minorUnits(price, currency), currency },
      }),
    explain,
  });
}
