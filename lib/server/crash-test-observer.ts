import pg from 'pg'

const POLL_MS = 10

/** A look at one database from outside. Outlives the server: connects again, and asks again, until the deadline of the round. */
export class Observer {
  private client: pg.Client | undefined

  constructor(
    private readonly url: string,
    private readonly deadlineMs: number,
  ) {}

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    for (;;) {
      try {
        this.client ??= await connect(this.url)
        return (await this.client.query<Row>(text, [...values])).rows
      } catch (error) {
        const isOurs = error instanceof pg.DatabaseError && !/^(57|08|53)/.test(error.code ?? '')
        if (isOurs || Date.now() > this.deadlineMs) throw error
        await this.close()
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    }
  }

  /** Waits for a condition, looked at every so often; throws, saying which, where it does not come by the deadline. */
  async until(what: string, holds: () => Promise<boolean> | boolean, everyMs = POLL_MS): Promise<void> {
    while (!(await holds())) {
      if (Date.now() > this.deadlineMs) throw new Error(`never happened: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }

  async close(): Promise<void> {
    const { client } = this
    this.client = undefined
    await client?.end().catch(() => undefined)
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
