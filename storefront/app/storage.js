/**
 * The shop's data in this browser. A browser that denies storage (private windows, blocked cookies) keeps it until
 * the page is closed.
 */
const fallback = new Map();

export function recall(name) {
  try {
    const text = localStorage.getItem(`wren.${name}`) ?? fallback.get(name);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Forgets the name when the value is undefined. */
export function remember(name, value) {
  const text = JSON.stringify(value);
  if (text === undefined) fallback.delete(name);
  else fallback.set(name, text);
  try {
    if (text === undefined) localStorage.removeItem(`wren.${name}`);
    else localStorage.setItem(`wren.${name}`, text);
  } catch {
    // The fallback has it.
  }
}

/** Calls `listener` when another tab of this browser changed what `name` holds. */
export function onOtherTab(name, listener) {
  addEventListener('storage', ({ key }) => {
    if (key === `wren.${name}` || key === null) listener();
  });
}
