import { CommandBlock } from '@/components/ui/command-block'
import { Prose } from '@/components/ui/prose'
import type { ConnectStep } from '@/lib/connect/step'

/** What is pasted, in order, with what its settings do. */
export function StepList({ steps }: { steps: readonly ConnectStep[] }) {
  return (
    <section aria-labelledby="steps" className="grid grid-cols-1 gap-3">
      <h3 id="steps" className="font-semibold">
        What to paste
      </h3>
      <ol className="grid grid-cols-1 gap-4">
        {steps.map((step, index) => (
          <li key={step.title} className="grid grid-cols-1 gap-1">
            <h4 className="font-medium">
              {index + 1}. <Prose text={step.title} />
            </h4>
            <CommandBlock text={step.text} />
            {step.settings && (
              <dl className="grid gap-x-3 gap-y-0.5 text-[12px] sm:grid-cols-[max-content_minmax(0,1fr)]">
                {step.settings.map(([name, does]) => (
                  <div key={name} className="contents">
                    <dt className="font-mono">{name}</dt>
                    <dd className="text-(--text-muted)">{does}</dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
