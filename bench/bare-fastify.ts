// The least that can answer with a page of the ledger: Fastify, a pool, the same rows from the same tables. No
// sign-in, no rights, no Nest.
import Fastify from 'fastify';
import { Pool } from 'pg';

export type BareReady = { readonly url: string };

const columns = `id, round_id, unit_id, unit_name, number, title, topic, class, kind, special, status, due, lead_leader,
  department, person, measures, evidence, returns, attempt, closed_on, decided`;

async function main(database: string): Promise<void> {
  const pool = new Pool({ connectionString: database, max: 4 });
  const app = Fastify();
  app.get('/page', async (request) => {
    const { status, round } = request.query as { status: string; round: string };
    const condition = 'known = 1 and round_id = $1 and status = $2';
    const [page, counted, names] = await Promise.all([
      pool.query({
        name: 'page',
        text: `select ${columns} from views.ledger where ${condition} order by due, id limit 51`,
        values: [round, status],
      }),
      pool.query({
        name: 'count',
        text: `select count(*) as total from (select 1 from views.ledger where ${condition} limit 1001) as counted`,
        values: [round, status],
      }),
      pool.query({ name: 'round', text: 'select id, opened from views.rounds where id = $1', values: [round] }),
    ]);
    return { lines: page.rows.slice(0, 50), total: Number(counted.rows[0]?.total), name: names.rows[0]?.opened.name };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const ready: BareReady = { url };
  process.send?.(ready);
  process.once('disconnect', () => process.exit(0));
}

void main(process.argv[2] ?? '');
