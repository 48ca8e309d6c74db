'use client'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import { LoadProblem } from '@/components/ui/load-problem'
import type { Channel } from '@/lib/model/notification'
import { formatCount, formatMoment } from '@/lib/view/format'
import { filterSentence, KIND_WORDS, testSentence } from '@/lib/view/notification-words'
import { ChannelForm } from './channel-form'
import { DeliveryLog } from './delivery-log'
import { useChannels, useRemoveChannel, useSaveChannel, useTestChannel } from './use-channels'

/** Channels that are told of findings, each with its test, its log, and a form for the next one. */
export function Channels() {
  const { data, error, refetch } = useChannels()
  const [isAdding, setIsAdding] = useState(false)
  const channels = data?.channels ?? []
  return (
    <section aria-labelledby="notifications" className="grid gap-3">
      <h2 id="notifications" className="text-[15px] font-semibold">
        Notifications
      </h2>
      <p className="max-w-3xl text-(--text-muted)">
        A channel is told when a finding opens, gets worse, opens again or is over: once, whatever it counts meanwhile.
      </p>
      {error && (
        <LoadProblem text={`The channels could not be loaded: ${error.message}`} onRetry={() => void refetch()} />
      )}
      {!data && !error && <p className="text-(--text-muted)">Loading the channels …</p>}
      {data && channels.length === 0 && !isAdding && <p>No channel: nobody is told.</p>}
      {channels.length > 0 && (
        <ul className="grid max-w-4xl gap-2">
          {channels.map((channel) => (
            <ChannelItem key={channel.id} channel={channel} />
          ))}
        </ul>
      )}
      {channels.some((channel) => !channel.isSealed) && (
        <p className="max-w-3xl text-(--text-muted)">
          Addresses and secrets are stored as they are. To have them encrypted set POSTERN_SECRET_KEY, restart, and give
          each channel its address and secret again.
        </p>
      )}
      {isAdding ? (
        <ChannelForm onDone={() => setIsAdding(false)} />
      ) : (
        <div>
          <Button onClick={() => setIsAdding(true)}>Add a channel</Button>
        </div>
      )}
    </section>
  )
}

type Panel = 'form' | 'log' | 'remove'

function ChannelItem({ channel }: { channel: Channel }) {
  const [panel, setPanel] = useState<Panel>()
  const test = useTestChannel(channel.id)
  const toggle = (wanted: Panel) => setPanel(panel === wanted ? undefined : wanted)
  const close = () => setPanel(undefined)
  return (
    <li className="grid gap-2 rounded-md border border-(--border) bg-(--surface) p-3" aria-label={channel.name}>
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="grid min-w-0 gap-0.5">
          <p className="flex flex-wrap items-center gap-2">
            <strong className="font-medium break-words">{channel.name}</strong>
            <Chip>{KIND_WORDS[channel.kind]}</Chip>
            {channel.hasSecret && <Chip>signed</Chip>}
            {!channel.isEnabled && <Chip>paused</Chip>}
          </p>
          <p className="font-mono text-[12px] break-all text-(--text-muted)">{channel.shownUrl}</p>
          <p className="text-(--text-muted)">{filterSentence(channel)}</p>
        </div>
        <div className="flex flex-wrap gap-1.5">
          <Button
            size="small"
            disabled={test.isPending}
            onClick={() => test.mutate()}
            aria-label={`Test ${channel.name}`}
          >
            {test.isPending ? 'Testing' : 'Test'}
          </Button>
          <Pause channel={channel} />
          <Toggle name={channel.name} word="Log" isOpen={panel === 'log'} onClick={() => toggle('log')} />
          <Toggle name={channel.name} word="Change" isOpen={panel === 'form'} onClick={() => toggle('form')} />
          <Toggle name={channel.name} word="Remove" isOpen={panel === 'remove'} onClick={() => toggle('remove')} />
        </div>
      </div>
      <Waiting channel={channel} />
      {test.data && <p role="status">{testSentence(test.data)}</p>}
      {test.error && <p role="alert">{test.error.message}</p>}
      {panel === 'form' && <ChannelForm channel={channel} onDone={close} />}
      {panel === 'log' && <DeliveryLog channel={channel} />}
      {panel === 'remove' && <Remove channel={channel} onKeep={close} />}
    </li>
  )
}

function Toggle(props: { name: string; word: string; isOpen: boolean; onClick: () => void }) {
  return (
    <Button
      size="small"
      aria-expanded={props.isOpen}
      aria-label={`${props.word} ${props.name}`}
      onClick={props.onClick}
    >
      {props.word}
    </Button>
  )
}

function Waiting({ channel: { waiting, dropped, droppedMs, repeatProblem } }: { channel: Channel }) {
  return (
    <>
      {waiting > 0 && <p>{formatCount(waiting)} waiting to be sent.</p>}
      {dropped > 0 && (
        <p>
          {formatCount(dropped)} dropped since too many waited
          {droppedMs !== undefined && `, the last ${formatMoment(droppedMs)}`}.
        </p>
      )}
      {repeatProblem && <p>Open alerts could not be repeated: {repeatProblem}.</p>}
    </>
  )
}

function Pause({ channel }: { channel: Channel }) {
  const save = useSaveChannel(channel.id, () => undefined)
  const { name, kind, minSeverity, detectors, clusters, withPossible, sendResolved, isEnabled } = channel
  const word = isEnabled ? 'Pause' : 'Go on'
  const change = () =>
    save.mutate({ name, kind, minSeverity, detectors, clusters, withPossible, sendResolved, isEnabled: !isEnabled })
  return (
    <>
      <Button size="small" disabled={save.isPending} onClick={change} aria-label={`${word} ${name}`}>
        {word}
      </Button>
      {save.error && <span role="alert">{save.error.message}</span>}
    </>
  )
}

function Remove({ channel, onKeep }: { channel: Channel; onKeep: () => void }) {
  const remove = useRemoveChannel(channel.id)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span>What waits for it is not sent, and its log goes.</span>
      <Button size="small" disabled={remove.isPending} onClick={() => remove.mutate()}>
        Remove for good
      </Button>
      <Button size="small" onClick={onKeep}>
        Keep
      </Button>
      {remove.error && <span role="alert">{remove.error.message}</span>}
    </div>
  )
}
