import { test as base } from '@playwright/test'

/** The production server that the run started on an empty database, as a sender sees it. */
export interface Postern {
  post(
    body: string,
    options?: { readonly source?: string; readonly dataset?: string; readonly headers?: Record<string, string> },
  ): Promise<Response>
}

export const test = base.extend<{ postern: Postern }>({
  postern: async ({ baseURL }, use) => {
    await use({
      post: (body, { source = 'hubble', dataset, headers } = {}) =>
        fetch(`${baseURL}/api/ingest/${source}${dataset ? `?dataset=${dataset}` : ''}`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson', ...headers },
          body,
        }),
    })
  },
})

export { expect } from '@playwright/test'
