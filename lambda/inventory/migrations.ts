import { photoMigrations } from '../photos/migrations';
import type { Migration } from '../shared/migrations';

/** Read by MySQL and MariaDB alone; SQLite compares text by bytes anyway. */
const TABLE = '/*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */';

/**
 * No foreign keys: InnoDB would lock the parent's row with every child stored, and the parents here are the hot rows.
 * What must hold between tables is held by transactions and proven by `checkStock`.
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
      ) ${TABLE}`,
      // What a list shows of a product, ready to send but for what is available (docs/decisions/0061).
      `CREATE TABLE listings (
        product_id VARCHAR(36) PRIMARY KEY,
        category VARCHAR(60) NOT NULL,
        card TEXT NOT NULL
      ) ${TABLE}`,
      'CREATE INDEX listings_by_category ON listings (category, product_id)',
      `CREATE TABLE product_words (
        word VARCHAR(40) NOT NULL,
        product_id VARCHAR(36) NOT NULL,
        PRIMARY KEY (word, product_id)
      ) ${TABLE}`,
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
      ) ${TABLE}`,
      `CREATE TABLE ledger (
        id VARCHAR(36) PRIMARY KEY,
        product_id VARCHAR(36) NOT NULL,
        kind VARCHAR(10) NOT NULL,
        quantity BIGINT NOT NULL,
        reason VARCHAR(200),
        user_id VARCHAR(36),
        reservation_id VARCHAR(36),
        created_at BIGINT NOT NULL
      ) ${TABLE}`,
      'CREATE INDEX ledger_by_product ON ledger (product_id, id)',
      'CREATE INDEX ledger_by_user ON ledger (user_id)',
      // A reservation is sold once, whatever the code above believes.
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
      ) ${TABLE}`,
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
      ) ${TABLE}`,
      `CREATE TABLE idempotency (
        id VARCHAR(140) PRIMARY KEY,
        user_id VARCHAR(36) NOT NULL,
        fingerprint VARCHAR(64) NOT NULL,
        result_id VARCHAR(36) NOT NULL,
        expires_at BIGINT NOT NULL
      ) ${TABLE}`,
      'CREATE INDEX idempotency_by_user ON idempotency (user_id)',
      'CREATE INDEX idempotency_by_expiry ON idempotency (expires_at)',
    ],
  },
  ...photoMigrations,
];
