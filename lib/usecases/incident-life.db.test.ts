import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import type { Finding } from '@/lib/model/finding'
import { query, useDatabase } from '@/lib/store/client'
import { countOpenFindings } from '@/lib/store/count-open-findings'
import { loadFindings } from '@/lib/store/load-findings'
import { createTestDatabase } from '@/lib/store/test-database'
import { callLeavesBy, OTHER } from './__fixtures__/door-calls'
import { actOnFinding, actOnIncident, openIncident } from './change-findings'
import { createIncident } from './create-incident'
import { setEgressConfig } from './egress-config'
import { listIncidentCases, loadFindingDetail, loadIncidentCase } from './load-incident'
import { trackFindings } from './track-findings'

const NOW = Date.now()
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ada = (nowMs = NOW) => ({ actor: 'ada', nowMs })

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: DEMO_EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() =>
  query(
    `TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change,
       finding, finding_event, incident_case, case_event, detector_state, judgement_history, judged_edge, incident, share_link, audit_entry`,
  ),
)

const violations = async () =>
  (await loadFindings({ dataset: '' }, 50)).findings.filter(({ detector }) => detector === 'D0')
async function violation(): Promise<Finding> {
  const [finding] = await violations()
  if (!finding) throw new Error('no violation')
  return finding
}
async function opened(): Promise<Finding> {
  await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: OTHER }, NOW)
  await trackFindings(NOW)
  return violation()
}
const cases = async () => (await listIncidentCases('')).cases
const audit = () => query<{ actor: string; action: string }>('SELECT actor, action FROM audit_entry ORDER BY ctid')
const kindsOf = async (id: string) => (await loadFindingDetail(id)).events.map(({ kind }) => kind).reverse()

describe('from a finding to an incident', () => {
  it('a proven violation opens an incident with a sentence in plain words, in the transaction of the finding', async () => {
    const finding = await opened()
    const [one] = await cases()
    expect(one).toMatchObject({ status: 'open', openedBy: 'postern', findings: 1, unsettled: 1, severity: 'critical' })
    expect(one?.summary).toMatch(
      /^ml\/agent reached OpenAI \(api\.openai\.com\) by 203\.0\.113\.66 instead of nat-a since .* UTC; 1 connection, /,
    )
    expect(finding.caseId).toBe(one?.id)
    await trackFindings(NOW)
    expect(await cases()).toHaveLength(1)
  })

  it('its timeline has the first flow, the finding, policies and rules that changed, comments and frozen evidence', async () => {
    const finding = await opened()
    await query(
      `INSERT INTO inventory_object (cluster, kind, namespace, tier, name, uid, resource_version, valid_from, hash)
       VALUES ('demo', 'NetworkPolicy', 'ml', '', 'egress', 'u', '1', to_timestamp($1::float8 / 1000), 1),
              ('demo', 'NetworkPolicy', 'other', '', 'elsewhere', 'u', '1', to_timestamp($1::float8 / 1000), 1)`,
      [NOW - 10 * MINUTE],
    )
    await query(
      `INSERT INTO audit_entry (at, actor, action, subject, detail) VALUES (to_timestamp($1::float8 / 1000), 'bob', 'egress.put', 'rule/x', '{}')`,
      [NOW - 5 * MINUTE],
    )
    const caseId = finding.caseId ?? ''
    await actOnIncident(caseId, { kind: 'comment', text: 'Who changed the route?' }, ada(NOW + 1))
    await createIncident({ findingId: finding.id }, { nowMs: NOW, baseUrl: 'http://localhost', appVersion: '0' })
    const { timeline, nextStep } = await loadIncidentCase(caseId, Date.now())
    const told = timeline.map((entry) =>
      entry.kind === 'finding' || entry.kind === 'case' ? entry.event.kind : entry.kind,
    )
    expect(told).toEqual(['policy', 'rule', 'first-flow', 'opened', 'opened', 'commented', 'frozen'])
    expect(timeline.filter(({ kind }) => kind === 'policy')).toMatchObject([{ name: 'egress', change: 'added' }])
    expect(nextStep).not.toBe('')
  })

  it('it is resolved with its last finding, and opens again with it', async () => {
    const { id } = await opened()
    await trackFindings(NOW + 20 * MINUTE)
    expect(await cases()).toMatchObject([{ status: 'resolved', resolvedMs: NOW + 20 * MINUTE }])
    await callLeavesBy({ port: 42_000, atMs: NOW, publicIp: OTHER }, NOW)
    await trackFindings(NOW + 21 * MINUTE)
    expect(await cases()).toMatchObject([{ status: 'open' }])
    expect(await kindsOf(id)).toEqual(['opened', 'resolved', 'reopened'])
  })
})

describe('an accepted risk', () => {
  it('is still counted, counts nowhere as open, resolves its incident, and comes back by the clock', async () => {
    const { id } = await opened()
    await actOnFinding(id, { kind: 'accept', reason: 'Moves next week.', untilMs: NOW + 10 * MINUTE }, ada(NOW + 1))
    expect(await countOpenFindings('')).toEqual({})
    expect(await cases()).toMatchObject([{ status: 'resolved', unsettled: 0 }])
    await callLeavesBy({ port: 42_000, atMs: NOW - MINUTE, publicIp: OTHER }, NOW)
    await trackFindings(NOW)
    expect(await violation()).toMatchObject({
      status: 'open',
      count: 2,
      accepted: { by: 'ada', reason: 'Moves next week.' },
    })
    expect((await loadFindings({ dataset: '', isAccepted: true }, 9)).findings.map((one) => one.id)).toEqual([id])

    await trackFindings(NOW + 10 * MINUTE - 1)
    expect((await violation()).accepted).toBeDefined()
    await trackFindings(NOW + 10 * MINUTE)
    expect((await violation()).accepted).toBeUndefined()
    expect(Object.values(await countOpenFindings(''))).toEqual([1])
    expect(await cases()).toMatchObject([{ status: 'open', unsettled: 1 }])
    expect(await kindsOf(id)).toEqual(['opened', 'accepted', 'acceptance-expired'])
  })

  it.each([
    ['in the past', NOW - 1],
    ['more than a year away', NOW + 367 * DAY],
  ])('is refused with an end %s', async (_, untilMs) => {
    const { id } = await opened()
    await expect(actOnFinding(id, { kind: 'accept', reason: 'r', untilMs }, ada())).rejects.toMatchObject({
      code: 'bad_request',
    })
    expect((await violation()).accepted).toBeUndefined()
  })

  it('without an end stays until a person ends it', async () => {
    const { id } = await opened()
    await actOnFinding(id, { kind: 'accept', reason: 'r' }, ada())
    await trackFindings(NOW + 14 * MINUTE)
    expect((await violation()).accepted).toBeDefined()
    await actOnFinding(id, { kind: 'end-acceptance' }, ada(NOW + 14 * MINUTE))
    expect((await violation()).accepted).toBeUndefined()
    expect(await cases()).toMatchObject([{ status: 'open' }])
  })
})

describe('what a person does', () => {
  it('is not in the evidence that whoever has a link can read', async () => {
    const { id } = await opened()
    await actOnFinding(id, { kind: 'assign', assignee: 'a-name' }, ada())
    await actOnFinding(id, { kind: 'acknowledge' }, ada())
    await actOnFinding(id, { kind: 'accept', reason: 'a-reason' }, ada())
    await createIncident({ findingId: id }, { nowMs: NOW, baseUrl: 'http://localhost', appVersion: '0' })
    const [frozen] = await query<{ text: string }>('SELECT snapshot::text AS text FROM incident')
    expect(frozen?.text).toContain(OTHER)
    expect(frozen?.text).not.toMatch(/a-name|a-reason|"ada"|"accepted"|"acknowledged"/)
  })

  it('is recorded with its audit entry, once', async () => {
    const { id } = await opened()
    await actOnFinding(id, { kind: 'acknowledge' }, ada(NOW + 1))
    await actOnFinding(id, { kind: 'acknowledge' }, ada(NOW + 2))
    await actOnFinding(id, { kind: 'assign', assignee: 'bob' }, ada(NOW + 3))
    await actOnFinding(id, { kind: 'comment', text: 'Looking.' }, ada(NOW + 4))
    await actOnFinding(id, { kind: 'unacknowledge' }, ada(NOW + 5))
    expect(await violation()).toMatchObject({ assignee: 'bob' })
    expect((await violation()).acknowledged).toBeUndefined()
    expect(await kindsOf(id)).toEqual(['opened', 'acknowledged', 'assigned', 'commented', 'unacknowledged'])
    expect(await audit()).toEqual(
      ['acknowledge', 'assign', 'comment', 'unacknowledge'].map((what) => ({
        actor: 'ada',
        action: `finding.${what}`,
      })),
    )
  })

  it('text with what a database refuses is kept without it', async () => {
    const { id } = await opened()
    await actOnFinding(id, { kind: 'comment', text: 'a\0b\ud800' }, ada(NOW + 1))
    expect((await loadFindingDetail(id)).events[0]?.detail).toEqual({ text: 'ab\ufffd' })
    await actOnFinding(id, { kind: 'assign', assignee: 'a\0\ud800' }, ada())
    expect((await violation()).assignee).toBe('a\ufffd')
  })

  it('to a finding that there is not is not found', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    await expect(actOnFinding(id, { kind: 'acknowledge' }, ada())).rejects.toMatchObject({ code: 'not_found' })
    await expect(actOnIncident(id, { kind: 'reopen' }, ada())).rejects.toMatchObject({ code: 'not_found' })
  })

  it('an acknowledgement ends when the finding comes back', async () => {
    const { id } = await opened()
    await actOnFinding(id, { kind: 'acknowledge' }, ada())
    await trackFindings(NOW + 20 * MINUTE)
    await callLeavesBy({ port: 42_000, atMs: NOW, publicIp: OTHER }, NOW)
    await trackFindings(NOW + 21 * MINUTE)
    expect((await violation()).acknowledged).toBeUndefined()
  })

  it('owner, reason and comment of an incident are on record; what it resolved stays so without news', async () => {
    const { caseId = '' } = await opened()
    await actOnIncident(caseId, { kind: 'own', owner: 'bob' }, ada())
    await actOnIncident(caseId, { kind: 'resolve', reason: 'A test.' }, ada(NOW + 1))
    await trackFindings(NOW)
    expect(await cases()).toMatchObject([{ owner: 'bob', status: 'resolved', resolvedReason: 'A test.', unsettled: 1 }])
    await actOnIncident(caseId, { kind: 'reopen' }, ada(NOW + 2))
    expect(await cases()).toMatchObject([{ status: 'open' }])
    expect((await cases())[0]).not.toHaveProperty('resolvedReason')
    expect((await audit()).map(({ action }) => action)).toEqual(['incident.own', 'incident.resolve', 'incident.reopen'])
  })
})

describe('incidents by hand', () => {
  const two = async () => {
    await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: OTHER }, NOW)
    await callLeavesBy({ port: 43_000, atMs: NOW - 2 * MINUTE, publicIp: '203.0.113.77', workload: 'writer' }, NOW)
    await trackFindings(NOW)
    const [a, b] = await violations()
    if (!a?.caseId || !b?.caseId) throw new Error('two incidents were expected')
    return { a: { ...a, caseId: a.caseId }, b: { ...b, caseId: b.caseId } }
  }

  it('merging moves all findings, resolves the one, and keeps the other open', async () => {
    const { a, b } = await two()
    expect(a.caseId).not.toBe(b.caseId)
    await actOnIncident(b.caseId, { kind: 'merge', intoId: a.caseId }, ada())
    const all = new Map((await cases()).map((one) => [one.id, one]))
    expect(all.get(a.caseId)).toMatchObject({ status: 'open', findings: 2 })
    expect(all.get(b.caseId)).toMatchObject({ status: 'resolved', findings: 0 })
    await trackFindings(NOW)
    expect(await cases()).toHaveLength(2)
  })

  it('what a person took out joins no incident by itself, and may have one of its own', async () => {
    const { a } = await two()
    await actOnIncident(a.caseId, { kind: 'remove', findingIds: [a.id] }, ada())
    await trackFindings(NOW)
    expect((await loadFindingDetail(a.id)).incident).toBeUndefined()
    const id = await openIncident([a.id], ada())
    expect((await loadFindingDetail(a.id)).incident?.id).toBe(id)
    expect((await loadIncidentCase(id, NOW)).incident).toMatchObject({ openedBy: 'ada', cause: '' })
  })

  it('moving tells both incidents', async () => {
    const { a, b } = await two()
    await actOnIncident(a.caseId, { kind: 'add', findingIds: [b.id] }, ada(NOW + 5))
    const eventsOf = async (id: string) =>
      (await loadIncidentCase(id, Date.now() + MINUTE)).timeline.flatMap((entry) =>
        entry.kind === 'case' ? [entry.event.kind] : [],
      )
    expect(await eventsOf(a.caseId)).toEqual(['opened', 'joined'])
    expect(await eventsOf(b.caseId)).toEqual(['opened', 'left'])
  })

  it('findings that there are not are refused, and nothing is changed', async () => {
    const { a } = await two()
    const id = '00000000-0000-4000-8000-000000000000'
    await expect(openIncident([a.id, id], ada())).rejects.toMatchObject({ code: 'not_found' })
    expect((await loadFindingDetail(a.id)).incident?.id).toBe(a.caseId)
  })
})
