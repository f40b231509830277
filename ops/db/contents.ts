import type { Connection } from "./postgres-client";
import { queryJson } from "./postgres-client";

/** One table. */
export interface TableContents {
  /** With its schema. */
  readonly name: string;
  /** What the planner believes, or null where the table was never analyzed. */
  readonly estimatedRows: number | null;
  /** With its indexes and TOAST. */
  readonly bytes: number;
}

/** What is in a database. */
export interface Contents {
  readonly serverVersion: string;
  readonly bytes: number;
  /** Largest first. */
  readonly tables: readonly TableContents[];
}

// relkind: r is a table, m a materialized view, p a partitioned table, whose rows are in its partitions.
// reltuples: -1 where never analyzed. https://www.postgresql.org/docs/current/catalog-pg-class.html
const CONTENTS = `
select json_build_object(
  'serverVersion', current_setting('server_version'),
  'bytes', pg_database_size(current_database()),
  'tables', coalesce(json_agg(
    json_build_object(
      'name', format('%I.%I', namespace.nspname, class.relname),
      'estimatedRows', nullif(class.reltuples, -1)::bigint,
      'bytes', pg_total_relation_size(class.oid)
    ) order by pg_total_relation_size(class.oid) desc, namespace.nspname, class.relname
  ), '[]'::json)
)
from pg_class class join pg_namespace namespace on namespace.oid = class.relnamespace
where class.relkind in ('r', 'm')
  and namespace.nspname <> 'information_schema' and namespace.nspname not like 'pg\\_%'`;

/** Asks a database what is in it. Counts no rows: on a large table that would take its time and its cache. */
export async function readContents(connection: Connection, signal: AbortSignal): Promise<Contents> {
  return queryJson<Contents>(connection, CONTENTS, signal);
}
