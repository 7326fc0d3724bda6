import { SCHEMA } from '../../src/state/postgres/schema.ts';
import type { TestDatabase } from '../helpers/databases.ts';

const TIMES = { kept: ['until'], leases: ['until'], claims: ['data_until', 'once_until'], counts: ['until'] };

/** As if this much time had passed: the clock of a database cannot be set. */
export async function letPass(database: TestDatabase, ms: number): Promise<void> {
  for (const [table, columns] of Object.entries(TIMES)) {
    const earlier = columns.map((column) => `${column} = ${column} - ${ms} * interval '1 ms'`).join(', ');
    await database.query(`UPDATE ${SCHEMA}.${table} SET ${earlier}`);
  }
}
