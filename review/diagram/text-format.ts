/** `WebBalancer`: "web balancer". */
export function spaced(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function pluralized(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
