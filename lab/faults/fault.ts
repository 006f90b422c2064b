import type { LabShop } from '../servers/shop';

/** Ends the fault. */
export type Undo = () => Promise<void>;

export interface Fault {
  readonly name: string;
  readonly about: string;
  /** The first phase that is designed to survive it. */
  readonly since: number;
  /** Duration of the fault, in seconds. */
  readonly seconds: number;
  inject(shop: LabShop): Promise<Undo>;
  /** Prepares the folder of the shop before anything starts; the result is called after everything ended. */
  prepare?(folder: string): () => void;
}
