import { heartbeatMigrations } from '../shared/sql/heartbeat';
import { type Migration, TABLE_OPTIONS } from '../shared/sql/migrations';
import { BUCKETS, DIVIDED } from './sharding/buckets';

/** The schema `users`. Released statements never change: a new step is a new entry. */
export const usersMigrations: readonly Migration[] = [
  {
    id: '0001-accounts',
    statements: [
      `CREATE TABLE users (
        id VARCHAR(36) PRIMARY KEY,
        email VARCHAR(254) NOT NULL,
        name VARCHAR(100) NOT NULL,
        role VARCHAR(10) NOT NULL,
        password_hash VARCHAR(200) NOT NULL,
        created_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE UNIQUE INDEX users_email ON users (email)',
    ],
  },
  {
    id: '0002-sessions',
    statements: [
      `CREATE TABLE sessions (
        id VARCHAR(36) PRIMARY KEY,
        user_id VARCHAR(36) NOT NULL,
        token_hash VARCHAR(64) NOT NULL,
        user_agent VARCHAR(200),
        created_at BIGINT NOT NULL,
        last_seen_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE UNIQUE INDEX sessions_token_hash ON sessions (token_hash)',
      'CREATE INDEX sessions_user ON sessions (user_id, id)',
      'CREATE INDEX sessions_expiry ON sessions (expires_at)',
    ],
  },
  {
    id: '0003-attempts',
    statements: [
      // budget: a SHA-256, so that the table contains neither e-mails nor addresses.
      `CREATE TABLE attempts (
        budget VARCHAR(64) PRIMARY KEY,
        whole_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX attempts_whole ON attempts (whole_at)',
    ],
  },
  {
    id: '0004-deletions',
    statements: [
      `CREATE TABLE deletions (
        user_id VARCHAR(36) PRIMARY KEY,
        due_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX deletions_due ON deletions (due_at)',
    ],
  },
  ...heartbeatMigrations,
  {
    id: '0031-buckets',
    statements: [
      // The buckets of users in this schema (decision 0203). Registrations compete for the row of a claim.
      `CREATE TABLE buckets (
        bucket SMALLINT PRIMARY KEY,
        state VARCHAR(10) NOT NULL,
        owner VARCHAR(36) NOT NULL
      ) ${TABLE_OPTIONS}`,
      `CREATE TABLE email_claims (
        claim VARCHAR(36) PRIMARY KEY,
        user_id VARCHAR(36) NOT NULL,
        made_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX email_claims_made ON email_claims (made_at)',
      // Only servers are divided. The column takes no room in the table, and is added without rewriting it.
      ...Object.entries(DIVIDED).flatMap(([table, key]) => [
        `/*! ALTER TABLE ${table} ADD COLUMN bucket SMALLINT UNSIGNED AS (CRC32(${key}) % ${BUCKETS}) VIRTUAL */`,
        `/*! CREATE INDEX ${table}_bucket ON ${table} (bucket) */`,
      ]),
    ],
  },
  {
    // The release before leaves both as they are (decision 0222).
    id: '0032-password-links',
    statements: [
      'ALTER TABLE users ADD COLUMN link_hash VARCHAR(64)',
      'ALTER TABLE users ADD COLUMN link_expires_at BIGINT',
    ],
  },
];
