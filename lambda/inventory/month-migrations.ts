import { type Migration, TABLE_OPTIONS } from '../shared/sql/migrations';

const LEDGER = `id VARCHAR(36) PRIMARY KEY,
        product_id VARCHAR(36) NOT NULL,
        kind VARCHAR(10) NOT NULL,
        quantity BIGINT NOT NULL,
        reason VARCHAR(200),
        user_id VARCHAR(36),
        reservation_id VARCHAR(36),
        created_at BIGINT NOT NULL`;

const RESERVATIONS = `id VARCHAR(36) PRIMARY KEY,
        user_id VARCHAR(36),
        status VARCHAR(10) NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL`;

const ITEMS = `reservation_id VARCHAR(36) NOT NULL,
        product_id VARCHAR(36) NOT NULL,
        name VARCHAR(200) NOT NULL,
        quantity BIGINT NOT NULL,
        amount BIGINT NOT NULL,
        currency VARCHAR(3) NOT NULL,
        PRIMARY KEY (reservation_id, product_id)`;

/** One partition, which takes every id, until months are opened (decision 0190). SQLite has no partitions. */
const partitioned = (key: string) =>
  `/*! PARTITION BY RANGE COLUMNS(${key}) (PARTITION later VALUES LESS THAN (MAXVALUE)) */`;

/** A partition is exchanged with a table only if both have the same indexes, of the same names. SQLite needs none. */
const sameIndexes = (...indexes: string[]) => `/*! ${indexes.map((index) => `, INDEX ${index}`).join('')} */`;

/** Tables that are divided by months beside the old ones, and those in which a month waits for the warehouse. */
export const monthMigrations: readonly Migration[] = [
  {
    id: '0040-months',
    statements: [
      `CREATE TABLE monthly_ledger (${LEDGER}) ${TABLE_OPTIONS} ${partitioned('id')}`,
      'CREATE INDEX monthly_ledger_by_product ON monthly_ledger (product_id, id)',
      'CREATE INDEX monthly_ledger_by_user ON monthly_ledger (user_id)',
      `CREATE TABLE monthly_reservations (${RESERVATIONS}) ${TABLE_OPTIONS} ${partitioned('id')}`,
      'CREATE INDEX monthly_reservations_by_user ON monthly_reservations (user_id, id)',
      'CREATE INDEX monthly_reservations_by_status ON monthly_reservations (status, expires_at)',
      'CREATE INDEX monthly_reservations_by_holder ON monthly_reservations (user_id, status, expires_at)',
      `CREATE TABLE monthly_reservation_items (${ITEMS}) ${TABLE_OPTIONS} ${partitioned('reservation_id')}`,
      `CREATE TABLE leaving_ledger (${LEDGER} ${sameIndexes(
        'monthly_ledger_by_product (product_id, id)',
        'monthly_ledger_by_user (user_id)',
      )}) ${TABLE_OPTIONS}`,
      `CREATE TABLE leaving_reservations (${RESERVATIONS} ${sameIndexes(
        'monthly_reservations_by_user (user_id, id)',
        'monthly_reservations_by_status (status, expires_at)',
        'monthly_reservations_by_holder (user_id, status, expires_at)',
      )}) ${TABLE_OPTIONS}`,
      `CREATE TABLE leaving_reservation_items (${ITEMS}) ${TABLE_OPTIONS}`,
      `CREATE TABLE archive_state (
        name VARCHAR(40) PRIMARY KEY,
        value BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      // One row each time that a month, or what came late, leaves for the warehouse.
      `CREATE TABLE archive_batches (
        id VARCHAR(36) PRIMARY KEY,
        below VARCHAR(36) NOT NULL,
        state VARCHAR(10) NOT NULL,
        created_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      `CREATE TABLE archive_files (
        name VARCHAR(100) PRIMARY KEY,
        batch_id VARCHAR(36) NOT NULL,
        kind VARCHAR(20) NOT NULL,
        first_key VARCHAR(80) NOT NULL,
        last_key VARCHAR(80) NOT NULL,
        line_count BIGINT NOT NULL,
        total BIGINT NOT NULL,
        checksum BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX archive_files_by_batch ON archive_files (batch_id, kind, name)',
      // The part of each product's ledger that is in the warehouse alone: its balance carried forward.
      `CREATE TABLE archived_stock (
        batch_id VARCHAR(36) NOT NULL,
        product_id VARCHAR(36) NOT NULL,
        quantity BIGINT NOT NULL,
        PRIMARY KEY (batch_id, product_id)
      ) ${TABLE_OPTIONS}`,
    ],
  },
];
