/** A random sample of values, of a fixed size however many there are. */
export interface Sample {
  add(value: number): void;
  /** Returns the sample and starts a new one. */
  take(): readonly number[];
}

/** Reservoir sampling (Vitter's algorithm R): every value is in the sample with the same probability. */
export function createSample(size: number): Sample {
  let values: number[] = [];
  let seen = 0;
  return {
    add: (value) => {
      seen += 1;
      if (values.length < size) {
        values.push(value);
        return;
      }
      const place = Math.floor(Math.random() * seen);
      if (place < size) values[place] = value;
    },
    take: () => {
      const taken = values;
      values = [];
      seen = 0;
      return taken;
    },
  };
}
