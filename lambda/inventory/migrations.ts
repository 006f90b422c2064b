import { heartbeatMigrations } from '../shared/sql/heartbeat';
import { type Migration, TABLE_OPTIONS } from '../shared/sql/migrations';
import { signingKeyMigrations } from '../shared/sql/signing-keys';
import { monthMigrations } from './month-migrations';
import { photoMigrations } from './photos/migrations';

/**
 * No foreign keys: InnoDB would lock the parent's row with every child stored, and the parents here are the hot rows.
 * Transactions hold the rules between tables, and `auditStock` proves them.
 */
export const inventoryMigrations: readonly Migration[] = [
  {
    id: '0001-catalog',
    statements: [
      `CREATE TABLE products (
        id VARCHAR(36) PRIMARY KEY,
        category VARCHAR(60) NOT NULL,
        name VARCHAR(200) NOT NULL,
        description TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency VARCHAR(3) NOT NULL,
        picture VARCHAR(500),
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      // The JSON of a product in lists, without `available` (decision 0061).
      `CREATE TABLE listings (
        product_id VARCHAR(36) PRIMARY KEY,
        category VARCHAR(60) NOT NULL,
        card TEXT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX listings_by_category ON listings (category, product_id)',
      `CREATE TABLE product_words (
        word VARCHAR(40) NOT NULL,
        product_id VARCHAR(36) NOT NULL,
        PRIMARY KEY (word, product_id)
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX product_words_by_product ON product_words (product_id, word)',
    ],
  },
  {
    id: '0002-stock',
    statements: [
      `CREATE TABLE stock (
        product_id VARCHAR(36) PRIMARY KEY,
        on_hand BIGINT NOT NULL,
        reserved BIGINT NOT NULL,
        CHECK (reserved >= 0),
        CHECK (reserved <= on_hand)
      ) ${TABLE_OPTIONS}`,
      `CREATE TABLE ledger (
        id VARCHAR(36) PRIMARY KEY,
        product_id VARCHAR(36) NOT NULL,
        kind VARCHAR(10) NOT NULL,
        quantity BIGINT NOT NULL,
        reason VARCHAR(200),
        user_id VARCHAR(36),
        reservation_id VARCHAR(36),
        created_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX ledger_by_product ON ledger (product_id, id)',
      'CREATE INDEX ledger_by_user ON ledger (user_id)',
      // The database itself guarantees that a reservation is sold once.
      'CREATE UNIQUE INDEX ledger_by_reservation ON ledger (reservation_id, product_id)',
    ],
  },
  {
    id: '0003-reservations',
    statements: [
      `CREATE TABLE reservations (
        id VARCHAR(36) PRIMARY KEY,
        user_id VARCHAR(36),
        status VARCHAR(10) NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX reservations_by_user ON reservations (user_id, id)',
      'CREATE INDEX reservations_by_status ON reservations (status, expires_at)',
      `CREATE TABLE reservation_items (
        reservation_id VARCHAR(36) NOT NULL,
        product_id VARCHAR(36) NOT NULL,
        name VARCHAR(200) NOT NULL,
        quantity BIGINT NOT NULL,
        amount BIGINT NOT NULL,
        currency VARCHAR(3) NOT NULL,
        PRIMARY KEY (reservation_id, product_id)
      ) ${TABLE_OPTIONS}`,
      `CREATE TABLE idempotency (
        id VARCHAR(140) PRIMARY KEY,
        user_id VARCHAR(36) NOT NULL,
        fingerprint VARCHAR(64) NOT NULL,
        result_id VARCHAR(36) NOT NULL,
        expires_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX idempotency_by_user ON idempotency (user_id)',
      'CREATE INDEX idempotency_by_expiry ON idempotency (expires_at)',
    ],
  },
  ...photoMigrations,
  ...signingKeyMigrations,
  {
    id: '0021-holders',
    statements: [
      // One row an account that ever reserved, which its reservations take turns at (holding.ts).
      `CREATE TABLE holders (
        user_id VARCHAR(36) PRIMARY KEY,
        turns BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX reservations_by_holder ON reservations (user_id, status, expires_at)',
    ],
  },
  {
    // Versions of what caches hold of a product (decision 0112). The release before this one leaves them as they are.
    id: '0022-stock-revisions',
    statements: [
      'ALTER TABLE stock ADD COLUMN revision BIGINT NOT NULL DEFAULT 1',
      'ALTER TABLE stock ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0',
      'CREATE INDEX stock_by_change ON stock (changed_at, product_id)',
    ],
  },
  ...heartbeatMigrations,
  ...monthMigrations,
  {
    // The release before leaves all of them as they are: on sale, in stock at some time, no photos (decision 0221).
    id: '0041-sale',
    statements: [
      'ALTER TABLE products ADD COLUMN off_sale BIGINT NOT NULL DEFAULT 0',
      // The photo that staff chose, and what shoppers see of all ready photos.
      'ALTER TABLE products ADD COLUMN main_photo VARCHAR(36)',
      'ALTER TABLE products ADD COLUMN gallery TEXT',
      'ALTER TABLE stock ADD COLUMN arrived BIGINT NOT NULL DEFAULT 1',
      'CREATE INDEX products_by_sale ON products (off_sale, id)',
      'CREATE INDEX products_by_price ON products (off_sale, amount, id)',
      'CREATE INDEX products_by_category_and_price ON products (off_sale, category, amount, id)',
    ],
  },
];
