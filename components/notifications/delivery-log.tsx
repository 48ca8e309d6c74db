'use client'
import { Chip } from '@/components/ui/chip'
import type { Channel, Delivery } from '@/lib/model/notification'
import { formatMoment } from '@/lib/view/format'
import { deliverySentence } from '@/lib/view/notification-words'
import { useDeliveries } from './use-channels'

/** The last messages of a channel: what, when, how it went. */
export function DeliveryLog({ channel }: { channel: Channel }) {
  const { data, error } = useDeliveries(channel.id)
  if (error) return <p role="alert">{error.message}</p>
  if (!data) return <p>Loading.</p>
  if (data.deliveries.length === 0) return <p>No message was sent yet.</p>
  return (
    <section
      // It scrolls, so it must be reachable by keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={`Messages of ${channel.name}`}
      className="max-h-96 overflow-auto rounded-md border border-(--border)"
    >
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Messages of {channel.name}, newest first</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {['When', 'What', 'How it went'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  return (
    <tr className="border-b border-(--border) align-top last:border-b-0">
      <td className="px-3 py-1.5 whitespace-nowrap">{formatMoment(delivery.doneMs ?? delivery.createdMs)}</td>
      <td className="px-3 py-1.5 break-words">
        {delivery.isTest && <Chip>test</Chip>}
        {delivery.what.map((line, at) => (
          // The lines of one message never change places.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <div key={at}>{line}</div>
        ))}
      </td>
      <td className="px-3 py-1.5 break-words">{deliverySentence(delivery)}</td>
    </tr>
  )
}
