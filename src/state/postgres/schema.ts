/** In which all tables lie. */
export const SCHEMA = 'ionos_postgres_mcp';

/** Whatever the version, and whoever else is about to make it. */
export const FOUNDATION = `
  CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.schema_version (
    the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
    version integer NOT NULL
  );
  INSERT INTO ${SCHEMA}.schema_version (version) VALUES (0) ON CONFLICT DO NOTHING;`;

/** Each from the version of its place to the next. What is released is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE ${SCHEMA}.kept (key text PRIMARY KEY, text text NOT NULL, until timestamptz NOT NULL);
  CREATE INDEX ON ${SCHEMA}.kept (until);

  CREATE TABLE ${SCHEMA}.leases (key text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL);

  CREATE SEQUENCE ${SCHEMA}.versions;
  CREATE TABLE ${SCHEMA}.accounts (account text PRIMARY KEY, version bigint NOT NULL, touched timestamptz NOT NULL);

  CREATE TABLE ${SCHEMA}.claims (
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
  CREATE INDEX ON ${SCHEMA}.claims (account);

  -- Lost after a crash of the database, as the counts of one process are after one of its own.
  CREATE UNLOGGED TABLE ${SCHEMA}.counts (key text PRIMARY KEY, points bigint NOT NULL, until timestamptz NOT NULL)
    WITH (fillfactor = 50);`,
];

/** One statement, so that it happens whole; whoever is second waits for the row, and finds nothing left to do. */
export const TO_NEWEST = `
  DO $$
  DECLARE
    found integer;
  BEGIN
    SELECT version INTO found FROM ${SCHEMA}.schema_version FOR UPDATE;
    ${MIGRATIONS.map((migration, version) => `IF found <= ${version} THEN ${migration} END IF;`).join('\n')}
    UPDATE ${SCHEMA}.schema_version SET version = greatest(found, ${MIGRATIONS.length});
  END $$`;
