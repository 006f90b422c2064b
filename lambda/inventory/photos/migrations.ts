import { type Migration, TABLE_OPTIONS } from '../../shared/sql/migrations';

/** Part of the inventory schema. */
export const photoMigrations: readonly Migration[] = [
  {
    id: '0010-photos',
    statements: [
      // due_at: time for the sweeper to attend to the row, null if nothing is left to do. unfinished: attempts that
      // began and never ended. sizes: see sizesText.
      `CREATE TABLE photos (
        id VARCHAR(36) PRIMARY KEY,
        product_id VARCHAR(36) NOT NULL,
        status VARCHAR(10) NOT NULL,
        reason VARCHAR(200),
        bytes BIGINT NOT NULL,
        type VARCHAR(20) NOT NULL,
        sha256 VARCHAR(44) NOT NULL,
        sizes VARCHAR(100) NOT NULL,
        picture_due INT NOT NULL,
        unfinished INT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        due_at BIGINT
      ) ${TABLE_OPTIONS}`,
      'CREATE INDEX photos_by_product ON photos (product_id, id)',
      'CREATE INDEX photos_by_due ON photos (due_at)',
    ],
  },
];
