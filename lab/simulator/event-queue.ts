interface Event {
  readonly at: number;
  /** Of events at the same time, the one that was added first is first. */
  readonly place: number;
  readonly run: () => void;
}

export interface EventQueue {
  add(at: number, run: () => void): void;
  /** The earliest one, which is removed. */
  next(): { readonly at: number; readonly run: () => void } | undefined;
}

/** A binary heap. */
export function createEventQueue(): EventQueue {
  const heap: Event[] = [];
  let added = 0;
  const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.place < b.place);

  return {
    add: (at, run) => {
      const event = { at, place: added++, run };
      let here = heap.length;
      for (; here > 0; ) {
        const above = (here - 1) >> 1;
        const parent = heap[above] as Event;
        if (!isBefore(event, parent)) break;
        heap[here] = parent;
        here = above;
      }
      heap[here] = event;
    },
    next: () => {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last || heap.length === 0) return first;
      let here = 0;
      for (;;) {
        let below = 2 * here + 1;
        if (below >= heap.length) break;
        if (below + 1 < heap.length && isBefore(heap[below + 1] as Event, heap[below] as Event)) below++;
        const child = heap[below] as Event;
        if (!isBefore(child, last)) break;
        heap[here] = child;
        here = below;
      }
      heap[here] = last;
      return first;
    },
  };
}
