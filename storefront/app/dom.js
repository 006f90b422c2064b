const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element with attributes, listeners (`onclick`) and children. Text is only ever text: data cannot become markup.
 * Attributes and children that are undefined, null or false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  fill(element, ...children);
  return element;
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** A decorative icon from icons.svg, hidden from screen readers: its meaning must also stand in the text beside it. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/icons.svg#${name}`);
  for (const [key, value] of Object.entries({
    class: 'icon',
    width: size,
    height: size,
    'aria-hidden': 'true',
  })) {
    svg.setAttribute(key, value);
  }
  svg.append(use);
  return svg;
}

let ids = 0;
/** An id that no other element of the page has. */
export const freshId = (prefix) => `${prefix}-${++ids}`;
