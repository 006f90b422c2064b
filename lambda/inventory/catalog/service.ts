import { uuidv7 } from 'uuidv7';
import type { PageOf } from '../../shared/sql/pagination';
import { DatabaseUnavailableError, type Sql, type Statements } from '../../shared/sql/sql';
import { createKeys, fingerprint, type Keyed, type KeyedRequest } from '../idempotency';
import { revise, stampedInTime } from '../stock/repository';
import { ChangedMeanwhileError, NoSuchProductError } from './errors';
import type { Product, ProductFacts } from './product';
import { findProduct, insertProduct, productsOffSale, type Stocked, updateProduct } from './repository';

export interface CatalogOptions {
  readonly sql: Sql;
  readonly now: () => number;
  /** Called after a change of the product was committed, and awaited before the answer. */
  readonly changed: (productId: string) => Promise<void>;
}

/** From the making of an id to the commit of its product: who tells ids that do not exist relies on it. */
const LONGEST_CREATION_MS = 5000;

type ProductEdits = Partial<ProductFacts & Pick<Product, 'onSale' | 'gallery'>>;

export type Catalog = ReturnType<typeof createCatalog>;

/** Writes of the catalog, by staff. The listing row and the search words change in the product's transaction. */
export function createCatalog({ sql, now, changed }: CatalogOptions) {
  const keys = createKeys(sql, now);
  const edit = async (
    id: string,
    mayEdit: (version: number) => boolean,
    edits: ProductEdits,
  ): Promise<Stocked> => {
    const edited = await sql.transaction(async (tx): Promise<Stocked> => {
      const before = await existing(tx, id);
      const { version } = before.product;
      if (!mayEdit(version)) throw changedMeanwhile(id, version);
      const product: Product = { ...before.product, ...edits, version: version + 1, updatedAt: now() };
      if (!(await updateProduct(tx, product))) throw changedMeanwhile(id, version + 1);
      await stampedInTime(tx, [id], now, (_, at) => revise(tx, id, at));
      return { product, stock: before.stock };
    });
    await changed(id);
    return edited;
  };

  /** The id of a new product, and the work that stores it in a transaction. */
  const draft = (facts: ProductFacts) => {
    const [id, at, began] = [uuidv7(), now(), performance.now()];
    const product = { ...facts, id, version: 1, createdAt: at, updatedAt: at };
    const store = async (tx: Statements): Promise<Stocked> => {
      await insertProduct(tx, product, now);
      if (performance.now() - began > LONGEST_CREATION_MS) throw new DatabaseUnavailableError();
      return { product: { ...product, onSale: true, gallery: '' }, stock: { available: 0, arrived: 0 } };
    };
    return { id, store };
  };

  return {
    create: async (facts: ProductFacts): Promise<Stocked> => {
      const created = await sql.transaction(draft(facts).store);
      await changed(created.product.id);
      return created;
    },

    /** As `create`, once for each user and key: a repetition gives the product as it is by then. @throws KeyReusedError */
    createOnce: async (
      facts: ProductFacts,
      by: Omit<KeyedRequest, 'fingerprint'>,
    ): Promise<Keyed<Stocked>> => {
      const request = { ...by, fingerprint: fingerprint(['product', facts]) };
      const { id, store } = draft(facts);
      const created = await keys.once(request, id, store, (first) => existing(sql, first));
      await changed(created.result.product.id);
      return created;
    },

    /** Edits the version that `mayEdit` accepts. @throws NoSuchProductError, ChangedMeanwhileError */
    edit,

    /** Newest first. */
    offSale: (paging: PageOf) => productsOffSale(sql, paging),

    /**
     * Makes a path the product's picture, and the photos its gallery if they are given (`galleryText`). It replaces nothing
     * that staff wrote, so it is repeated when an edit came between; each repetition means that one was stored.
     * @throws NoSuchProductError
     */
    setPicture: async (id: string, picture: string | null, gallery?: string): Promise<void> => {
      for (;;) {
        try {
          await edit(id, () => true, { picture, ...(gallery !== undefined && { gallery }) });
          return;
        } catch (error) {
          if (!(error instanceof ChangedMeanwhileError)) throw error;
        }
      }
    },
  };
}

async function existing(from: Statements, id: string): Promise<Stocked> {
  const found = await findProduct(from, id);
  if (!found) throw new NoSuchProductError(`There is no product ${id}`);
  return found;
}

const changedMeanwhile = (id: string, version: number) =>
  new ChangedMeanwhileError(
    `The product ${id} is at version ${version} or later: read it again and repeat your edit`,
  );
