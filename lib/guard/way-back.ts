import {
  type Marker,
  MarkerChangedError,
  type Place,
  type Placement,
} from '../../lambda/data-migration/placement/placement';

/**
 * Closes the way back to the box if the data is managed; returns the place of the data. Writes are conditional, so of
 * this and a concurrent flip only one is stored.
 */
export async function closeWayBack(marker: Marker): Promise<Place> {
  const stored = await rewrite(marker, (placement) =>
    placement.data === 'managed' ? { ...placement, closed: true } : placement,
  );
  return stored?.data ?? 'box';
}

/** Undoes `closeWayBack` when the deploy that closed it failed. */
export async function openWayBack(marker: Marker): Promise<void> {
  await rewrite(marker, ({ closed: _, ...placement }) => placement);
}

/** Undefined if there is no marker. Writes only changes. */
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
