// The embedded server's configuration, written anew at each start so that a release may change it. Three clusters share
// one small machine: memory is kept low, durability is never traded for it.

/** How many connections a cluster accepts unless told otherwise. */
export const DEFAULT_CONNECTIONS = 24;

/** The whole of postgresql.conf; the port comes on the command line, because it is chosen at each start. */
export function serverSettings(connections: number): string {
  return [
    '# Written by the launcher at each start; changes made here are lost.',
    // Reachable from this machine only, and by nothing but a password.
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    'password_encryption = scram-sha-256',
    `max_connections = ${connections}`,
    'superuser_reserved_connections = 2',
    // An answered append must outlive a power cut.
    'fsync = on',
    'full_page_writes = on',
    'synchronous_commit = on',
    'data_sync_retry = off',
    // Nothing replicates from an embedded cluster.
    'wal_level = minimal',
    'max_wal_senders = 0',
    'max_replication_slots = 0',
    'max_logical_replication_workers = 0',
    // Lean: no worker processes but checkpointer, writers and vacuum; small shared memory.
    'io_method = sync',
    'max_worker_processes = 0',
    'max_parallel_workers = 0',
    'max_parallel_workers_per_gather = 0',
    'max_parallel_maintenance_workers = 0',
    'shared_buffers = 32MB',
    'wal_buffers = 1MB',
    'work_mem = 4MB',
    'maintenance_work_mem = 32MB',
    'effective_cache_size = 512MB',
    'random_page_cost = 1.1',
    'huge_pages = off',
    'jit = off',
    'min_wal_size = 32MB',
    'max_wal_size = 256MB',
    'autovacuum = on',
    'autovacuum_max_workers = 1',
    'autovacuum_worker_slots = 1',
    'autovacuum_naptime = 60s',
    // A client that died or dozes in a transaction must not hold locks or keep vacuum from its work.
    'idle_in_transaction_session_timeout = 60s',
    'tcp_keepalives_idle = 60',
    'tcp_keepalives_interval = 10',
    'tcp_keepalives_count = 6',
    'client_connection_check_interval = 10s',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "lc_messages = 'C'",
    "default_text_search_config = 'pg_catalog.simple'",
    // The log goes to operators, who may not read the case files: no statement, no parameter, no row value in it.
    'logging_collector = off',
    "log_line_prefix = '%m [%p] '",
    'log_error_verbosity = terse',
    'log_min_error_statement = panic',
    'log_parameter_max_length = 0',
    'log_parameter_max_length_on_error = 0',
    'log_checkpoints = off',
    '',
  ].join('\n');
}

/** The whole of pg_hba.conf: loopback, password, nothing else (initdb would also admit replication). */
export const ACCESS_RULES = 'host all all 127.0.0.1/32 scram-sha-256\n';
