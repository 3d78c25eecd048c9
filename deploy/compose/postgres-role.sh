#!/bin/bash
# Run once by the PostgreSQL image on an empty volume: the service's own role, which owns its database and nothing else.
# The administrator's password stays with the database container. pg_trgm serves the search in the ledger.
set -euo pipefail
psql --no-psqlrc --set=ON_ERROR_STOP=1 --set=password="${SANFANG_ROLE_PASSWORD:?}" --username="${POSTGRES_USER:-postgres}" \
  --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE sanfang LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
ALTER DATABASE sanfang OWNER TO sanfang;
REVOKE CONNECT, TEMPORARY ON DATABASE sanfang FROM PUBLIC;
ALTER SCHEMA public OWNER TO sanfang;
CREATE EXTENSION pg_trgm SCHEMA public;
SQL
