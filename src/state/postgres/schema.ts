/** In which all tables lie. */
export const SCHEMA = 'ionos_postgres_mcp';

export const TABLES = ['kept', 'leases', 'accounts', 'claims', 'counts'] as const;

/** Whatever the version, and whoever else is about to make it. To create the schema takes a right that its owner may lack. */
export const FOUNDATION = `
  DO $$ BEGIN
    IF to_regnamespace('${SCHEMA}') IS NULL THEN CREATE SCHEMA ${SCHEMA}; END IF;
  END $$;
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.schema_version (
    the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
    version integer NOT NULL
  );
  INSERT INTO ${SCHEMA}.schema_version (version) VALUES (0) ON CONFLICT DO NOTHING;`;

/** In the order of their versions; each can run again. What is released is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.kept (key text PRIMARY KEY, text text NOT NULL, until timestamptz NOT NULL);
  CREATE INDEX IF NOT EXISTS kept_until ON ${SCHEMA}.kept (until);

  CREATE TABLE IF NOT EXISTS ${SCHEMA}.leases (key text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL);

  CREATE SEQUENCE IF NOT EXISTS ${SCHEMA}.versions;
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.accounts (
    account text PRIMARY KEY,
    version bigint NOT NULL,
    touched timestamptz NOT NULL
  );

  CREATE TABLE IF NOT EXISTS ${SCHEMA}.claims (
    id text PRIMARY KEY,
    turn bigint GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    cluster text NOT NULL,
    once text[] NOT NULL,
    -- Not jsonb, which refuses some texts that callers can send.
    data json,
    data_until timestamptz NOT NULL,
    once_until timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS claims_account ON ${SCHEMA}.claims (account);

  -- Lost after a crash of the database, as the counts of one process are after one of its own.
  CREATE UNLOGGED TABLE IF NOT EXISTS ${SCHEMA}.counts (
    key text PRIMARY KEY,
    points bigint NOT NULL,
    until timestamptz NOT NULL
  ) WITH (fillfactor = 50);`,
];

/** One statement, so that it happens whole; whoever is second waits for the row, and finds nothing left to do. */
export const TO_NEWEST = `
  DO $$
  DECLARE
    found integer;
  BEGIN
    SELECT version INTO found FROM ${SCHEMA}.schema_version FOR UPDATE;
    IF found <= ${MIGRATIONS.length} THEN
      ${MIGRATIONS.join('\n')}
      UPDATE ${SCHEMA}.schema_version SET version = ${MIGRATIONS.length};
    END IF;
  END $$`;
