import { freshId, h, icon } from '../app/dom.js';
import { PHOTO_TYPES } from '../app/uploads.js';

/** Takes files from a dialog or by drag and drop, and passes them to `chosen`. `input` takes the focus. */
export function photoChooser(chosen) {
  const id = freshId('photos');
  const input = h('input', {
    id,
    type: 'file',
    class: 'unseen',
    multiple: true,
    accept: PHOTO_TYPES.join(),
    'aria-describedby': `${id}-hint`,
    onchange: () => {
      chosen([...input.files]);
      // The same file may be chosen again.
      input.value = '';
    },
  });
  const over = (is) => element.classList.toggle('over', is);
  const element = h(
    'div',
    {
      class: 'drop',
      ondragover: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        over(true);
      },
      ondragleave: (event) => over(element.contains(event.relatedTarget)),
      ondrop: (event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        over(false);
        chosen([...event.dataTransfer.files]);
      },
    },
    input,
    h('label', { for: id, class: 'button' }, icon('photo'), 'Upload photos'),
    h('p', { class: 'fine', id: `${id}-hint` }, 'Or drop them here. JPEG, PNG or WebP, up to 10 MB each.'),
  );
  return { element, input };
}
