import { type Marker, MarkerChangedError, type Place, type Placement } from '../../lambda/move/placement';

/**
 * Keeps the data on the managed side from now on, if it is there; says where it is. Of this and a flip at the same
 * moment one is stored: the marker is replaced only by who knows what it says, and writing it refuses every flip on its way.
 */
export async function closeWayBack(marker: Marker): Promise<Place> {
  const stored = await rewrite(marker, (placement) =>
    placement.data === 'managed' ? { ...placement, closed: true } : placement,
  );
  return stored?.data ?? 'box';
}

/** The phase that closed it is not deployed after all. */
export async function openWayBack(marker: Marker): Promise<void> {
  await rewrite(marker, ({ closed: _, ...placement }) => placement);
}

/** Undefined when no marker was ever written. Nothing is stored when nothing changes. */
async function rewrite(
  marker: Marker,
  change: (placement: Placement) => Placement,
): Promise<Placement | undefined> {
  for (;;) {
    const found = await marker.read();
    const next = found && change(found.placement);
    if (!next || next.closed === found.placement.closed) return found?.placement;
    try {
      return (await marker.write(next, found)).placement;
    } catch (error) {
      if (!(error instanceof MarkerChangedError)) throw error;
    }
  }
}
