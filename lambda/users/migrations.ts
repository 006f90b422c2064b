import type { Migration } from '../shared/migrations';

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
      ) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */`,
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
      ) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */`,
      'CREATE UNIQUE INDEX sessions_token_hash ON sessions (token_hash)',
      'CREATE INDEX sessions_user ON sessions (user_id, id)',
      'CREATE INDEX sessions_expiry ON sessions (expires_at)',
    ],
  },
  {
    id: '0003-attempts',
    statements: [
      // budget: SHA-256 of what is counted, so that neither e-mails nor addresses stand here.
      `CREATE TABLE attempts (
        budget VARCHAR(64) PRIMARY KEY,
        whole_at BIGINT NOT NULL
      ) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */`,
      'CREATE INDEX attempts_whole ON attempts (whole_at)',
    ],
  },
  {
    id: '0004-deletions',
    statements: [
      `CREATE TABLE deletions (
        user_id VARCHAR(36) PRIMARY KEY,
        due_at BIGINT NOT NULL
      ) /*! ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */`,
      'CREATE INDEX deletions_due ON deletions (due_at)',
    ],
  },
];
